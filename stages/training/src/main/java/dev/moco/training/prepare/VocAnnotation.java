package dev.moco.training.prepare;

import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.Sample.GroundTruth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/** Parses the XML annotation of a VOC image. */
final class VocAnnotation {
    private final String file;
    private final List<String> classNames;

    private VocAnnotation(String file, List<String> classNames) {
        this.file = file;
        this.classNames = classNames;
    }

    /**
     * Reads the objects of an annotation, including difficult ones, on which detectron2 trains (docs/method.md §3.4).
     *
     * @param file name of the annotation in messages
     * @param width width of the decoded image; some annotations state a wrong size
     * @param height height of the decoded image
     */
    static Objects parse(String file, byte[] xml, List<String> classNames, int width, int height) throws IOException {
        VocAnnotation annotation = new VocAnnotation(file, classNames);
        List<GroundTruth> objects = new ArrayList<>();
        List<String> clipped = new ArrayList<>();
        int number = 0;
        for (Element element : children(annotation.root(xml), "object")) {
            GroundTruth object = annotation.object(element, ++number);
            GroundTruth inside = clip(object, width, height);
            if (!inside.equals(object)) {
                clipped.add(String.format(
                        Locale.ROOT,
                        "object %d (%s): box (%s, %s, %s, %s) in an image of %dx%d",
                        number,
                        classNames.get(object.label()),
                        shown(object.x1() + 1),
                        shown(object.y1() + 1),
                        shown(object.x2()),
                        shown(object.y2()),
                        width,
                        height));
            }
            if (inside.x1() < inside.x2() && inside.y1() < inside.y2()) {
                objects.add(inside);
            }
        }
        return new Objects(objects, clipped);
    }

    /**
     * Objects of an annotation.
     *
     * @param objects boxes inside the image; those outside are clipped, and dropped where nothing remains, as in
     *     detectron2
     * @param clipped the boxes that were clipped or dropped, as they were
     */
    record Objects(List<GroundTruth> objects, List<String> clipped) {}

    private static GroundTruth clip(GroundTruth object, int width, int height) {
        return new GroundTruth(
                object.label(),
                Math.min(Math.max(object.x1(), 0), width),
                Math.min(Math.max(object.y1(), 0), height),
                Math.min(Math.max(object.x2(), 0), width),
                Math.min(Math.max(object.y2(), 0), height),
                object.difficult());
    }

    private Element root(byte[] xml) throws IOException {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            // Annotations have no document type; refusing one also refuses external entities.
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // Keeps the parser from printing to standard error; it still throws.
            return builder.parse(new ByteArrayInputStream(xml)).getDocumentElement();
        } catch (SAXException e) {
            throw StageFailure.badData(file + ": malformed XML: " + e.getMessage(), e);
        } catch (ParserConfigurationException e) {
            throw new AssertionError("the JDK's parser supports both features", e);
        }
    }

    private GroundTruth object(Element object, int number) {
        String name = text(object, "name", number);
        int label = classNames.indexOf(name);
        if (label < 0) {
            throw StageFailure.badData("%s: object %d: unknown class \"%s\"; nearest is \"%s\"; classes are: %s"
                    .formatted(file, number, name, NearestName.of(name, classNames), String.join(", ", classNames)));
        }
        Element box = child(object, "bndbox");
        if (box == null) {
            throw missing("bndbox", number);
        }
        double left = coordinate(box, "xmin", number);
        double top = coordinate(box, "ymin", number);
        double right = coordinate(box, "xmax", number);
        double bottom = coordinate(box, "ymax", number);
        if (!(left <= right && top <= bottom)) {
            throw StageFailure.badData("%s: object %d (%s): box (%s, %s, %s, %s) has no area; allowed is xmin <= xmax"
                            .formatted(file, number, name, shown(left), shown(top), shown(right), shown(bottom))
                    + " and ymin <= ymax");
        }
        Element difficult = child(object, "difficult");
        return new GroundTruth(
                label,
                left - 1,
                top - 1,
                right,
                bottom,
                difficult != null && difficult.getTextContent().strip().equals("1"));
    }

    private double coordinate(Element box, String side, int number) {
        String text = text(box, side, number);
        try {
            return Double.parseDouble(text); // VOC 2012 has a few fractional coordinates.
        } catch (NumberFormatException e) {
            throw StageFailure.badData(
                    "%s: object %d: <%s> must be a number, found \"%s\"".formatted(file, number, side, text), e);
        }
    }

    private String text(Element parent, String name, int number) {
        Element child = child(parent, name);
        if (child == null) {
            throw missing(name, number);
        }
        return child.getTextContent().strip();
    }

    private StageFailure missing(String name, int number) {
        return StageFailure.badData("%s: object %d: <%s> is missing".formatted(file, number, name));
    }

    private static @Nullable Element child(Element parent, String name) {
        List<Element> found = children(parent, name);
        return found.isEmpty() ? null : found.get(0);
    }

    /** Direct children of a name; the parts of a person, further down, have names and boxes too. */
    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static String shown(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
