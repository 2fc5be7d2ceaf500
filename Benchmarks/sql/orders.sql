-- The small workload: orders of one day, priced in dollars.
SELECT
    o_orderkey,
    o_custkey,
    o_orderstatus,
    o_totalprice,
    round(o_totalprice * 1.1, 2) AS total_usd,
    o_orderpriority,
    CAST(left(o_orderpriority, 1) AS INTEGER) AS priority,
    upper(o_clerk) AS clerk,
    length(o_comment) AS comment_length,
    o_comment,
    o_orderdate
FROM source
WHERE o_orderstatus <> 'X'
