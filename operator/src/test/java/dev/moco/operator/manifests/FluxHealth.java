package dev.moco.operator.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.Map;

/** Evaluates {@code healthCheckExprs} as Flux does (its RFC 0009): the first of the three that is true. */
final class FluxHealth {
    private static final CelCompiler COMPILER = CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("metadata", SimpleType.DYN)
            .addVar("spec", SimpleType.DYN)
            .addVar("status", SimpleType.DYN)
            .setResultType(SimpleType.BOOL)
            .build();
    private static final CelRuntime RUNTIME =
            CelRuntimeFactory.plannerRuntimeBuilder().build();

    private FluxHealth() {}

    /** InProgress, Failed or Current; Unknown if an expression cannot be evaluated, in which case Flux waits, too. */
    static String of(JsonNode expressions, JsonNode resource) {
        JsonNode observed = resource.path("status").path("observedGeneration");
        if (!observed.isMissingNode()
                && observed.asLong()
                        != resource.path("metadata").path("generation").asLong()) {
            return "InProgress";
        }
        try {
            if (isTrue(expressions.path("inProgress").asText(), resource)) {
                return "InProgress";
            } else if (isTrue(expressions.path("failed").asText(), resource)) {
                return "Failed";
            } else if (isTrue(expressions.path("current").asText(), resource)) {
                return "Current";
            }
            return "InProgress";
        } catch (CelEvaluationException e) {
            return "Unknown";
        }
    }

    private static boolean isTrue(String expression, JsonNode resource) throws CelEvaluationException {
        CelAbstractSyntaxTree tree;
        try {
            tree = COMPILER.compile(expression).getAst();
        } catch (CelValidationException e) {
            throw new AssertionError(expression, e);
        }
        Map<?, ?> variables = new ObjectMapper().convertValue(resource, Map.class);
        @SuppressWarnings("unchecked")
        Map<String, Object> named = (Map<String, Object>) variables;
        return Boolean.TRUE.equals(RUNTIME.createProgram(tree).eval(named));
    }
}
