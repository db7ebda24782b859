"""Computes the figures of `spam eval` from its raw scores (`--scores FILE`), by their definitions alone."""

import json
import math
import sys

parts = {}
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    parts.setdefault(row["part"], []).append((row["score"], row["spam"]))


def counts(rows, threshold):
    tp = sum(1 for score, spam in rows if spam and score >= threshold)
    fn = sum(1 for score, spam in rows if spam and score < threshold)
    fp = sum(1 for score, spam in rows if not spam and score >= threshold)
    tn = sum(1 for score, spam in rows if not spam and score < threshold)
    return tp, fn, fp, tn


def matthews(rows):
    tp, fn, fp, tn = counts(rows, 0.5)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / math.sqrt(product) if product else 0.0


def shares(rows, threshold):
    tp, fn, fp, tn = counts(rows, threshold)
    return tp / max(tp + fn, 1), fp / max(fp + tn, 1)


def average_precision(rows):
    total = sum(spam for _, spam in rows)
    area = last = 0.0
    for threshold in sorted({score for score, _ in rows}, reverse=True):
        tp, _, fp, _ = counts(rows, threshold)
        recall = tp / total
        area += (recall - last) * tp / (tp + fp)
        last = recall
    return area


def calibration_error(rows, bins=15):
    error = 0.0
    for index in range(bins):
        here = [(s, spam) for s, spam in rows if min(int(s * bins), bins - 1) == index]
        if here:
            error += abs(sum(s for s, _ in here) - sum(spam for _, spam in here))
    return error / len(rows)


figures = {}
for name in ("test", "cross-validation", "online:all", "online:fifth"):
    figures[name] = {"matthews": matthews(parts[name])}
test = parts["test"]
figures["test"]["average_precision"] = average_precision(test)
figures["test"]["calibration_error"] = calibration_error(test)
figures["test"]["caught_at_most_2_per_mille"] = max(
    caught for caught, blocked in (shares(test, score) for score in {s for s, _ in test} | {2.0}) if blocked <= 0.002
)
figures["test"]["caught_at_0.9"], figures["test"]["blocked_at_0.9"] = shares(test, 0.9)
kinds = [rows for name, rows in parts.items() if name.startswith("evasion:")]
figures["evasion"] = {"mean_caught": sum(shares(rows, 0.5)[0] for rows in kinds) / len(kinds)}
print(json.dumps(figures))
