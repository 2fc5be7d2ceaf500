SELECT order_date::DATE AS order_date, order_id::BIGINT AS order_id, amount::DECIMAL(12, 2) AS amount,
    round(amount::DECIMAL(12, 2) * 1.10, 2) AS amount_usd
FROM source
