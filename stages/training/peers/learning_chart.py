"""Chart of learning curves, as SVG: ours and PyTorch, a thin line for each seed and a thick one for the mean."""

METRICS = ["loss", "knn", "linear"]
TITLES = {
    "loss": "loss of pre-training, by epoch",
    "knn": "kNN top-1 while pre-training, %",
    "linear": "linear top-1, by its epoch, %",
}
WIDTH, HEIGHT, LEFT, TOP, GAP = 280, 220, 44, 62, 20
STYLE = """<style>
.ground { fill: #ffffff } text { fill: #57606a; font: 12px sans-serif } .title { fill: #1f2328; font-weight: 600 }
.grid { stroke: #d0d7de; stroke-width: 1 } .seed { fill: none; stroke-width: 1; opacity: .55 }
.mean { fill: none; stroke-width: 2.5 } .moco { stroke: #0969da } .torch { stroke: #bc4c00; stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } text { fill: #9198a1 } .title { fill: #f0f6fc } .grid { stroke: #3d444d }
.moco { stroke: #58a6ff } .torch { stroke: #f0883e }
}
</style>"""


def ticks(low, high):
    """Three to six round numbers that enclose a range."""
    for power in range(-3, 4):
        for factor in 1, 2, 5:
            unit = factor * 10.0**power
            first, last = low // unit, -(-high // unit)
            if last - first <= 5:
                return [unit * number for number in range(int(first), int(last) + 1)]
    raise ValueError(f"no ticks from {low} to {high}")


class Panel:
    def __init__(self, number, runs, xs):
        self.left = LEFT + number * (WIDTH + GAP + LEFT)
        self.xs = xs
        self.ys = ticks(min(map(min, runs)), max(map(max, runs)))

    def across(self, x):
        return self.left + WIDTH * (x - self.xs[0]) / (self.xs[-1] - self.xs[0])

    def down(self, y):
        return TOP + HEIGHT * (self.ys[-1] - y) / (self.ys[-1] - self.ys[0])

    def axes(self, title):
        yield f'<text class="title" x="{self.left}" y="{TOP - 12}">{title}</text>'
        for y in self.ys:
            yield f'<path class="grid" d="M{self.left} {self.down(y):.1f}h{WIDTH}"/>'
            yield f'<text x="{self.left - 6}" y="{self.down(y) + 4:.1f}" text-anchor="end">{y:g}</text>'
        for x in self.xs:
            if x % 4 == 0 or len(self.xs) <= 10 and x % 2 == 0:
                yield f'<text x="{self.across(x):.1f}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{x}</text>'

    def curves(self, name, runs):
        mean = [sum(values) / len(values) for values in zip(*runs)]
        for kind, values in [("seed", run) for run in runs] + [("mean", mean)]:
            points = " ".join(f"{self.across(x):.1f},{self.down(y):.1f}" for x, y in zip(self.xs, values))
            yield f'<polyline class="{kind} {name}" points="{points}"/>'


def legend(name, text, x):
    yield f'<path class="mean {name}" d="M{x} 18h28"/>'
    yield f'<text x="{x + 34}" y="22">{text}</text>'


def epochs_of(metric, count, epochs):
    """Epochs after which a metric was taken; the monitor runs before the first one too."""
    return [round(epochs * number / (count - 1)) for number in range(count)] if metric == "knn" else range(1, count + 1)


def chart(ours, torchs, epochs):
    """ours, torchs: of each seed, values by metric. epochs: of pre-training."""
    width, height = 3 * (LEFT + WIDTH + GAP) + LEFT // 2, TOP + HEIGHT + 30
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">', STYLE]
    lines.append(f'<rect class="ground" width="{width}" height="{height}"/>')
    lines.extend(legend("moco", "moco, the mean and each seed", LEFT))
    lines.extend(legend("torch", "plain PyTorch, likewise", LEFT + 250))
    for number, metric in enumerate(METRICS):
        series = [[run[metric] for run in runs] for runs in (ours, torchs)]
        panel = Panel(number, series[0] + series[1], list(epochs_of(metric, len(series[0][0]), epochs)))
        lines.extend(panel.axes(TITLES[metric]))
        for name, runs in zip(["moco", "torch"], series):
            lines.extend(panel.curves(name, runs))
    return "\n".join([*lines, "</svg>", ""])
