/*
 * The exact sum of doubles, whatever their order (the small superaccumulator of R. M. Neal, "Fast exact summation using
 * small and large superaccumulators", 2015): a number of 67 overlapping digits of 32 bits.
 */
#ifndef REPROCESS_EXACT_SUM_H
#define REPROCESS_EXACT_SUM_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPROCESS_SUM_DIGITS 67
/* After so many additions carries have to be propagated. */
#define REPROCESS_SUM_BLOCK 1024

typedef struct {
    int64_t digits[REPROCESS_SUM_DIGITS];
    bool has_positive_infinity, has_negative_infinity, has_nan;
} exact_sum;

static inline void exact_sum_add(exact_sum *sum, uint64_t bits) {
    uint32_t exponent = bits >> 52 & 0x7ff;
    uint64_t fraction = bits & 0xfffffffffffffu;
    if (exponent == 0x7ff) {
        sum->has_nan |= fraction != 0;
        sum->has_negative_infinity |= fraction == 0 && bits >> 63 != 0;
        sum->has_positive_infinity |= fraction == 0 && bits >> 63 == 0;
        return;
    }
    fraction |= exponent != 0 ? (uint64_t)1 << 52 : 0;
    exponent += exponent == 0;
    uint32_t shift = exponent & 31;
    int64_t sign = -(int64_t)(bits >> 63);
    int64_t low = (int64_t)(fraction << shift & 0xffffffffu), high = (int64_t)(fraction >> (32 - shift));
    int64_t *digit = sum->digits + (exponent >> 5);
    digit[0] += (low ^ sign) - sign;
    digit[1] += (high ^ sign) - sign;
}

static inline void exact_sum_carry(exact_sum *sum) {
    for (size_t index = 0; index + 1 < REPROCESS_SUM_DIGITS; index++) {
        sum->digits[index + 1] += sum->digits[index] >> 32;
        sum->digits[index] &= 0xffffffff;
    }
}

static inline void exact_sum_merge(exact_sum *sum, const exact_sum *other) {
    for (size_t index = 0; index < REPROCESS_SUM_DIGITS; index++) sum->digits[index] += other->digits[index];
    exact_sum_carry(sum);
    sum->has_nan |= other->has_nan;
    sum->has_positive_infinity |= other->has_positive_infinity;
    sum->has_negative_infinity |= other->has_negative_infinity;
}

static inline double exact_sum_value(exact_sum sum) {
    if (sum.has_nan || (sum.has_positive_infinity && sum.has_negative_infinity)) return NAN;
    if (sum.has_positive_infinity) return INFINITY;
    if (sum.has_negative_infinity) return -INFINITY;
    exact_sum_carry(&sum);
    bool is_negative = sum.digits[REPROCESS_SUM_DIGITS - 1] < 0;
    if (is_negative) {
        for (size_t index = 0; index < REPROCESS_SUM_DIGITS; index++) sum.digits[index] = -sum.digits[index];
        exact_sum_carry(&sum);
    }
    int top = REPROCESS_SUM_DIGITS - 1;
    while (top > 2 && sum.digits[top] == 0) top--;
    unsigned __int128 head = 0;
    for (int index = top; index > top - 3; index--) head = head << 32 | (uint64_t)sum.digits[index];
    /* What lies below can only decide a tie. */
    for (int index = top - 3; index >= 0; index--) head |= sum.digits[index] != 0;
    double value = ldexp((double)head, 32 * (top - 2) - 1075);
    return is_negative ? -value : value;
}

#endif
