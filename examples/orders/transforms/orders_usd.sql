-- Orders in US dollars.

SELECT
    ordered_at::DATE AS order_date,
    order_id,
    customer_id,
    ordered_at,
    currency,
    amount,
    round(amount * usd_rate, 2)::DECIMAL(12, 2) AS amount_usd
FROM source
-- An amount of 0 is a test of the checkout, a negative one a refund.
WHERE amount <> 0
ORDER BY order_id
