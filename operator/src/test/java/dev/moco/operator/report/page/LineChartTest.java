package dev.moco.operator.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.page.Chart.Tick;
import dev.moco.operator.report.page.LineChart.ChartLine;
import dev.moco.operator.report.page.LineChart.Level;
import dev.moco.operator.report.page.LineChart.Point;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineChartTest {
    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "0      | 100    | 0 20 40 60 80 100",
                "2.5    | 3.1    | 2.6 2.8 3.0",
                "0      | 0.03   | 0.00 0.01 0.02 0.03",
                "0      | 24000  | 0k 5k 10k 15k 20k",
                "0      | 1e6    | 0.0M 0.2M 0.4M 0.6M 0.8M 1.0M",
                "-0.3   | 0.3    | -0.2 0.0 0.2",
                "7      | 7      | 6.5 7.0 7.5"
            })
    void marksAreRoundNumbers(double least, double most, String marks) {
        assertThat(Axis.up(least, most).ticks()).extracting(Tick::text).containsExactly(marks.split(" "));
    }

    @Test
    void theFindingSaysHowTheCurveGoes() {
        assertThat(finding(9.81, 7.2, 6.573)).isEqualTo("loss falls from 9.81 to 6.57.");
        assertThat(finding(10, 60, 55)).isEqualTo("loss rises from 10.0 to 55.0, at most 60.0.");
        assertThat(finding(5)).isEqualTo("loss is 5.00.");
        assertThat(finding(5, 6, 5)).isEqualTo("loss begins and ends at 5.00.");
        ChartLine curve = series(40, 67.4);
        LineChart chart = new LineChart("c", "x", "y", List.of(curve), List.of(new Level("untrained encoder", 12.1)));
        assertThat(chart.chart().orElseThrow().finding())
                .isEqualTo("loss rises from 40.0 to 67.4, untrained encoder 12.1.");
    }

    @Test
    void valuesWithoutScaleAreNotDrawn() {
        List<Point> points = List.of(
                new Point(0, Double.NaN, 0),
                new Point(1e300, 1, 0),
                new Point(1, -1e308, 0),
                new Point(2, Double.POSITIVE_INFINITY, 0));
        assertThat(new LineChart("c", "x", "y", List.of(new ChartLine("loss", points)), List.of()).chart())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({"1e12, 1000000000000.0001", "-1e12, -999999999999.9999", "1, 1.0000000000000002", "-2e12, 2e12"})
    @Timeout(10)
    void numbersThatHardlyDifferHaveFewMarks(double least, double most) {
        assertThat(Axis.up(least, most).ticks()).hasSizeBetween(1, 10);
        assertThat(Axis.up(least, most).at(most)).isBetween((double) Chart.TOP, (double) Chart.HEIGHT);
    }

    @Test
    void aLineLiesWithinItsAxes() {
        Chart chart = chart(series(0, 50, 100));
        assertThat(chart.lines()).extracting(Chart.Shape::points).containsExactly("58.0,210.0 220.0,111.0 382.0,12.0");
        assertThat(chart.dots()).hasSize(3);
        assertThat(chart.legend()).isEmpty();
    }

    @Test
    void aDeviationIsABandAroundTheMean() {
        Chart chart = chart(new ChartLine("loss", List.of(new Point(0, 1, 0.5), new Point(1, 1, 0.5))));
        assertThat(chart.bands())
                .extracting(Chart.Shape::points)
                .containsExactly("58.0,12.0 382.0,12.0 382.0,210.0 58.0,210.0");
    }

    @Test
    void longCurvesAreThinnedAndKeepTheirEnd() {
        double[] values = IntStream.range(0, 5001).mapToDouble(i -> i).toArray();
        Chart chart = chart(series(values));
        String points = chart.lines().get(0).points();
        assertThat(points.split(" ")).hasSizeLessThan(502);
        assertThat(points).endsWith(" 382.0,12.0");
        assertThat(chart.dots()).isEmpty();
    }

    @Test
    void placesWithoutNumbersHaveTheirNamesAndNoLines() {
        List<String> names = List.of("MoCo", "SimCLR");
        Chart chart = new LineChart("c", "x", "y", List.of(series(60, 62)), List.of(), names)
                .chart()
                .orElseThrow();
        assertThat(chart.xTicks()).extracting(Tick::text).isEqualTo(names);
        assertThat(chart.lines()).isEmpty();
        assertThat(chart.dots()).hasSize(2);
        List<String> many = Collections.nCopies(20, "name");
        assertThat(Axis.places(20).ticks(many)).hasSizeLessThan(9);
    }

    @Test
    void whatACurveIsComparedWithIsDashedAndHasPlace() {
        ChartLine curve = new ChartLine("ours", List.of(), List.of(new Point(0, 50, 0), new Point(1, 60, 0)));
        Chart chart =
                new LineChart("c", "x", "y", List.of(curve), List.of()).chart().orElseThrow();
        assertThat(chart.lines()).extracting(Chart.Shape::kind).containsExactly("c0 dashed");
        assertThat(chart.yTicks()).extracting(Tick::text).startsWith("50").endsWith("60");
        assertThat(chart.finding()).isEqualTo("ours has no numbers yet.");
    }

    private static Chart chart(ChartLine series) {
        return new LineChart("c", "x", "y", List.of(series), List.of()).chart().orElseThrow();
    }

    private static String finding(double... values) {
        return chart(series(values)).finding();
    }

    private static ChartLine series(double... values) {
        return new ChartLine(
                "loss",
                IntStream.range(0, values.length)
                        .mapToObj(i -> new Point(i, values[i], 0))
                        .toList());
    }
}
