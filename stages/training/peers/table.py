"""Rates of the rounds as a table in Markdown."""

from dataclasses import dataclass, field
from statistics import median

from rows import Row

HEADER = "| row | work | ours | theirs | ratio | rounds' ratios | peak memory | target | |"


@dataclass
class Outcome:
    """Reports of the rounds by side; None for a side that failed."""

    row: Row
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def add(self, side, report, failure):
        getattr(self, side).append(report)
        if failure:
            self.failures.append(f"{side}: {failure}")

    def rates(self, side):
        name = getattr(self.row.metric, side)
        return [report[name] for report in getattr(self, side) if report and name]

    def pairs(self):
        return [(ours, theirs) for ours, theirs in zip(self.ours, self.theirs) if ours and theirs]

    def summary(self):
        row = self.row
        ours, theirs = self.rates("ours"), self.rates("theirs")
        summary = {
            "row": row.name,
            "work": row.work,
            "unit": row.metric.unit,
            "ours": median(ours) if ours else None,
            "theirs": median(theirs) if theirs else None,
            "rounds": len(self.pairs()),
            "target": row.rate,
            "memoryTarget": row.memory,
            "failures": self.failures,
            "note": None,
        }
        if not row.metric.theirs:
            return summary | {"oursMib": memory([report for report in self.ours if report])}
        if self.pairs():
            ratios = [ours[row.metric.ours] / theirs[row.metric.theirs] for ours, theirs in self.pairs()]
            summary |= {
                "ratio": median(ours) / median(theirs),
                "ratioMin": min(ratios),
                "ratioMax": max(ratios),
            }
            if row.theirs:
                ours_mib, theirs_mib = (memory(side) for side in zip(*self.pairs()))
                summary |= {"oursMib": ours_mib, "theirsMib": theirs_mib, "memoryRatio": ours_mib / theirs_mib}
            summary["met"] = summary["ratio"] >= row.rate and (
                row.memory is None or summary["memoryRatio"] <= row.memory
            )
        return summary


def memory(reports):
    """Median of the peak memory: of the device if it was measured, else of the process."""
    peaks = [report.get("peakDeviceMib", report["peakRssMib"]) for report in reports]
    return median(peaks) if peaks else None


def share_of_step(summaries):
    """Adds a note to the row "augment": its time as a share of the time of a step."""
    by_name = {summary["row"]: summary for summary in summaries}
    augment = by_name.get("augment")
    if not augment or not augment["ours"]:
        return
    steps = [by_name[name] for name in ("step", "step-tf32", "step-bf16") if name in by_name and by_name[name]["ours"]]
    shares = [f"{100 * step['ours'] / augment['ours']:.1f}% of {step['row']}" for step in steps]
    augment["note"] = ", ".join(shares) or None


def formatted(value):
    """A number with three significant digits, or as an integer if it has more before the point."""
    return "" if value is None else f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3}f}"


def line(summary, quick):
    unit = summary["unit"]
    ratio = spread = used = target = ""
    if "ratio" in summary:
        ratio = f"**{formatted(summary['ratio'])}×**"
        spread = f"{formatted(summary['ratioMin'])} to {formatted(summary['ratioMax'])} of {summary['rounds']}"
    if "memoryRatio" in summary:
        used = f"{formatted(summary['memoryRatio'])}× ({summary['oursMib']:.0f} to {summary['theirsMib']:.0f} MiB)"
    elif summary.get("oursMib"):
        used = f"{summary['oursMib']:.0f} MiB"
    if summary["target"] is not None:
        target = f"≥ {summary['target']}×"
    if summary["memoryTarget"] is not None:
        target += f", memory ≤ {summary['memoryTarget']}×"
    if summary["failures"]:
        verdict = "failed: " + "; ".join(summary["failures"])
    elif "met" in summary:
        verdict = "works" if quick else "met" if summary["met"] else "missed"
    elif summary["ours"]:
        verdict = summary["note"] or ""
    else:
        verdict = "not measured"
    rates = [f"{formatted(summary[side])} {unit}" if summary[side] else "" for side in ("ours", "theirs")]
    cells = [summary["row"], summary["work"], *rates, ratio, spread, used, target, verdict]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def markdown(summaries, quick):
    lines = [line(summary, quick) for summary in summaries]
    return "\n".join([HEADER, "|---|---|---|---|---|---|---|---|---|", *lines])
