SELECT order_date, order_id, amount, round(amount * 1.1, 2) AS amount_usd
FROM source
