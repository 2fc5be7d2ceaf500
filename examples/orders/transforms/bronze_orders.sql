-- A day of orders as a shop's checkout would have written them. The same day gives the same rows each time: every number
-- comes from the MD5 digest of the day and the row.

WITH
ordinal AS (
    -- Between 300 and 700 orders, fewer on Sundays.
    SELECT unnest(range(1, 301 + (md5_number_lower($partition) % 400)::BIGINT
        - CASE WHEN dayofweek($partition_start) = 0 THEN 150 ELSE 0 END)) AS number
),

dice AS (
    SELECT number, md5_number_lower($partition || '/' || number) AS roll FROM ordinal
),

drawn AS (
    SELECT
        number,
        1 + (roll % 5000)::INTEGER AS customer_id,
        (roll // 5000 % 86400)::INTEGER AS second,
        (roll // 432000000 % 100)::INTEGER AS which_currency,
        (roll // 43200000000 % 100)::INTEGER AS which_kind,
        -- From 5.00 to 504.99.
        (500 + roll // 4320000000000 % 50000)::BIGINT AS cents
    FROM dice
),

priced AS (
    SELECT
        *,
        CASE WHEN which_currency < 45 THEN 'USD' WHEN which_currency < 75 THEN 'EUR'
            WHEN which_currency < 90 THEN 'GBP' ELSE 'JPY' END AS currency,
        -- Six of a hundred are refunds, with a negative amount. One is a test of the checkout, with amount 0.
        CASE WHEN which_kind < 6 THEN -1 WHEN which_kind = 6 THEN 0 ELSE 1 END AS sign,
        -- Rates creep by a little every day.
        date_diff('day', DATE '2024-01-01', $partition_start) AS day
    FROM drawn
)

SELECT
    $partition_start AS order_date,
    strftime($partition_start, '%Y%m%d')::BIGINT * 10000 + number AS order_id,
    customer_id,
    $partition_start + to_seconds(second) AS ordered_at,
    currency,
    -- There are no cents in yen, and some 150 of them in a dollar.
    (sign * CASE WHEN currency = 'JPY' THEN cents * 150 // 100 ELSE cents / 100 END)::DECIMAL(12, 2) AS amount,
    (CASE currency
        WHEN 'USD' THEN 1
        WHEN 'EUR' THEN 1.10 - day * 0.00015
        WHEN 'GBP' THEN 1.27 + day * 0.00010
        ELSE 0.0071 - day * 0.000004
    END)::DECIMAL(12, 6) AS usd_rate
FROM priced
ORDER BY order_id
