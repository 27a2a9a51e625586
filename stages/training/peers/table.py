"""Figures of the rounds as lines of Markdown."""

from dataclasses import dataclass, field
from statistics import median

from rows import Row

HEADER = "| row | work | ours | theirs | ratio | rounds' ratios | peak memory | target | |"


@dataclass
class Outcome:
    """Answers of the rounds by side, None for a side that failed."""

    row: Row
    ours: list = field(default_factory=list)
    theirs: list = field(default_factory=list)
    failures: list = field(default_factory=list)

    def rates(self, side):
        name = getattr(self.row.figure, side)
        return [answer[name] for answer in getattr(self, side) if answer and name]

    def pairs(self):
        return [(ours, theirs) for ours, theirs in zip(self.ours, self.theirs) if ours and theirs]

    def summary(self):
        row = self.row
        ours, theirs = self.rates("ours"), self.rates("theirs")
        summary = {
            "row": row.name,
            "work": row.work,
            "unit": row.figure.unit,
            "ours": median(ours) if ours else None,
            "theirs": median(theirs) if theirs else None,
            "rounds": len(self.pairs()),
            "target": row.rate,
            "memoryTarget": row.memory,
            "failures": self.failures,
            "note": None,
        }
        if not row.figure.theirs:
            return summary | {"oursMib": memory([answer for answer in self.ours if answer])}
        if self.pairs():
            ratios = [mine[row.figure.ours] / other[row.figure.theirs] for mine, other in self.pairs()]
            summary |= {
                "ratio": median(ours) / median(theirs),
                "ratioMin": min(ratios),
                "ratioMax": max(ratios),
            }
            if row.theirs:
                mine, other = (memory(side) for side in zip(*self.pairs()))
                summary |= {"oursMib": mine, "theirsMib": other, "memoryRatio": mine / other}
            summary["met"] = summary["ratio"] >= row.rate and (
                row.memory is None or summary["memoryRatio"] <= row.memory
            )
        return summary


def memory(answers):
    """Median peak, of the device where the work is there."""
    peaks = [answer.get("peakDeviceMib", answer["peakRssMib"]) for answer in answers]
    return median(peaks) if peaks else None


def share_of_step(summaries):
    """Notes how much of a step the device's part of the views takes."""
    by_name = {summary["row"]: summary for summary in summaries}
    augment = by_name.get("augment")
    if not augment or not augment["ours"]:
        return
    steps = [by_name[name] for name in ("step", "step-tf32", "step-bf16") if name in by_name and by_name[name]["ours"]]
    shares = [f"{100 * step['ours'] / augment['ours']:.1f}% of {step['row']}" for step in steps]
    augment["note"] = ", ".join(shares) or None


def figure(value):
    """Three digits, or all before the point."""
    return "" if value is None else f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3}f}"


def line(summary, quick):
    unit = summary["unit"]
    ratio = spread = taken = target = ""
    if "ratio" in summary:
        ratio = f"**{figure(summary['ratio'])}×**"
        spread = f"{figure(summary['ratioMin'])} to {figure(summary['ratioMax'])} of {summary['rounds']}"
    if "memoryRatio" in summary:
        taken = f"{figure(summary['memoryRatio'])}× ({summary['oursMib']:.0f} to {summary['theirsMib']:.0f} MiB)"
    elif summary.get("oursMib"):
        taken = f"{summary['oursMib']:.0f} MiB"
    if summary["target"] is not None:
        target = f"≥ {summary['target']}×"
    if summary["memoryTarget"] is not None:
        target += f", memory ≤ {summary['memoryTarget']}×"
    if summary["failures"]:
        verdict = "failed: " + "; ".join(summary["failures"])
    elif "met" in summary:
        verdict = "works" if quick else "met" if summary["met"] else "short"
    elif summary["ours"]:
        verdict = summary["note"] or ""
    else:
        verdict = "not measured"
    rates = [f"{figure(summary[side])} {unit}" if summary[side] else "" for side in ("ours", "theirs")]
    cells = [summary["row"], summary["work"], *rates, ratio, spread, taken, target, verdict]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def markdown(summaries, quick):
    lines = [line(summary, quick) for summary in summaries]
    return "\n".join([HEADER, "|---|---|---|---|---|---|---|---|---|", *lines])
