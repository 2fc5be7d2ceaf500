"""Polars: one lazy scan and sink a day, of the transform of `sql/events.sql`."""

import os
import time

import common
import polars as pl


def transform(frame: pl.LazyFrame) -> pl.LazyFrame:
    amount = pl.col("quantity") * pl.col("unit_price") * (1 - pl.col("discount"))
    return frame.filter(~pl.col("is_test")).select(
        "event_id",
        "event_time",
        "account_id",
        "product_id",
        "quantity",
        "unit_price",
        amount.round(2, mode="half_away_from_zero").cast(pl.Decimal(14, 2)).alias("amount_usd"),
        pl.col("currency").str.to_uppercase(),
        "channel",
        "session_token",
    )


def main() -> None:
    options = common.arguments(__doc__).parse_args()
    started = time.monotonic()
    for day in common.days(options):
        folder = os.path.join(options.target, f"{options.column}={day}")
        os.makedirs(folder, exist_ok=True)
        final = os.path.join(folder, "data.parquet")
        source = pl.scan_parquet(os.path.join(options.source, f"{day}.parquet"))
        transform(source).sink_parquet(
            final, compression="zstd", compression_level=options.compression_level
        )
    common.report(started)


if __name__ == "__main__":
    main()
