package dev.moco.operator.report;

import dev.moco.contract.HistoryPoint;
import dev.moco.contract.PrecisionRecallCurve;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Line charts as PNG, drawn at twice their shown size so that they stay sharp. */
final class Charts {
    static final int WIDTH = 1120;
    static final int HEIGHT = 560;
    private static final Color[] COLORS = {
        new Color(0x2563eb), new Color(0xdc2626), new Color(0x059669), new Color(0xd97706), new Color(0x7c3aed),
        new Color(0x0891b2), new Color(0xbe185d), new Color(0x4d7c0f), new Color(0x57534e), new Color(0x1e3a8a)
    };

    private Charts() {}

    /** Largest value that is drawn. A chart of larger ones, or of NaN, has no scale. */
    private static final double LARGEST = 1e12;

    /** Metrics of a history over its steps; empty if the history has none of them. */
    static byte[] history(String yTitle, List<HistoryPoint> history, Map<String, String> labelsByMetric) {
        XYChart chart = chart("step", yTitle);
        labelsByMetric.forEach((metric, label) -> {
            List<HistoryPoint> points = history.stream()
                    .filter(point -> Math.abs(point.values().getOrDefault(metric, Double.NaN)) <= LARGEST)
                    .toList();
            if (!points.isEmpty()) {
                add(
                        chart,
                        label,
                        points.stream().mapToDouble(HistoryPoint::step).toArray(),
                        points.stream()
                                .mapToDouble(point -> point.values().getOrDefault(metric, Double.NaN))
                                .toArray());
            }
        });
        return png(chart);
    }

    /** Precision over recall at IoU .5, one line for each class. */
    static byte[] precision(List<PrecisionRecallCurve> curves) {
        XYChart chart = chart("recall", "precision");
        chart.getStyler().setXAxisMin(0.0).setXAxisMax(1.0).setYAxisMin(0.0).setYAxisMax(1.02);
        for (PrecisionRecallCurve curve : curves) {
            if (!curve.recall().isEmpty()) {
                add(
                        chart,
                        curve.className(),
                        curve.recall().stream().mapToDouble(Double::doubleValue).toArray(),
                        curve.precision().stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray());
            }
        }
        return png(chart);
    }

    private static XYChart chart(String xTitle, String yTitle) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle(xTitle)
                .yAxisTitle(yTitle)
                .build();
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 22);
        chart.getStyler()
                .setSeriesColors(COLORS)
                .setChartBackgroundColor(Color.WHITE)
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setLegendFont(font)
                .setLegendBorderColor(Color.WHITE);
        chart.getStyler()
                .setPlotGridLinesColor(new Color(0xe5e7eb))
                .setAxisTickLabelsFont(font)
                .setAxisTitleFont(font)
                .setAxisTickMarksColor(Color.LIGHT_GRAY)
                .setPlotBorderVisible(false);
        return chart;
    }

    private static void add(XYChart chart, String label, double[] x, double[] y) {
        // The library keeps series by name; two classes of one name would be one line.
        String name = chart.getSeries(label) != null
                ? label + " (" + chart.getSeriesCollection().size() + ")"
                : label;
        chart.addSeries(name, x, y)
                .setMarker(x.length < 12 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE)
                .setLineStyle(new BasicStroke(3));
    }

    private static byte[] png(XYChart chart) {
        if (chart.getSeriesCollection().isEmpty()) {
            return new byte[0];
        }
        try {
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", png);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
