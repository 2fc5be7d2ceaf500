-- The big workload: sales events of one day without test traffic (1 % of the rows), priced in dollars.
SELECT
    event_id,
    event_time,
    account_id,
    product_id,
    quantity,
    unit_price,
    CAST(round(quantity * unit_price * (1 - discount), 2) AS DECIMAL(14, 2)) AS amount_usd,
    upper(currency) AS currency,
    channel,
    session_token,
    event_date
FROM source
WHERE NOT is_test
