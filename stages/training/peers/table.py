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
        return [answer[name] for answer in getattr(self, side) if answer]

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
        }
        if self.pairs():
            ratios = [mine[row.figure.ours] / other[row.figure.theirs] for mine, other in self.pairs()]
            summary |= {
                "ratio": median(ours) / median(theirs),
                "ratioMin": min(ratios),
                "ratioMax": max(ratios),
            }
            if row.theirs:
                names = "peakDeviceMib", "peakRssMib"
                known = next(name for name in names if all(name in answer for pair in self.pairs() for answer in pair))
                mine, other = (median(answer[known] for answer in side) for side in zip(*self.pairs()))
                summary |= {"oursMib": mine, "theirsMib": other, "memoryRatio": mine / other}
            summary["met"] = summary["ratio"] >= row.rate and (
                row.memory is None or summary["memoryRatio"] <= row.memory
            )
        return summary


def figure(value):
    """Three digits, or all before the point."""
    return "" if value is None else f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3}f}"


def line(summary, quick):
    unit = summary["unit"]
    ratio = spread = memory = ""
    if "ratio" in summary:
        ratio = f"**{figure(summary['ratio'])}×**"
        spread = f"{figure(summary['ratioMin'])} to {figure(summary['ratioMax'])} of {summary['rounds']}"
    if "memoryRatio" in summary:
        memory = f"{figure(summary['memoryRatio'])}× ({summary['oursMib']:.0f} to {summary['theirsMib']:.0f} MiB)"
    target = f"≥ {summary['target']}×"
    if summary["memoryTarget"] is not None:
        target += f", memory ≤ {summary['memoryTarget']}×"
    if summary["failures"]:
        verdict = "failed: " + "; ".join(summary["failures"])
    elif "met" in summary:
        verdict = "works" if quick else "met" if summary["met"] else "short"
    else:
        verdict = "not measured"
    rates = [f"{figure(summary[side])} {unit}" if summary[side] else "" for side in ("ours", "theirs")]
    cells = [summary["row"], summary["work"], *rates, ratio, spread, memory, target, verdict]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def markdown(summaries, quick):
    lines = [line(summary, quick) for summary in summaries]
    return "\n".join([HEADER, "|---|---|---|---|---|---|---|---|---|", *lines])
