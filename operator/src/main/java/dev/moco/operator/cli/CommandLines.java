package dev.moco.operator.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Commands as a shell reads them. */
final class CommandLines {
    /** Arguments that need no quotes in a shell. */
    private static final Pattern PLAIN = Pattern.compile("[\\w@%+=:,./-]+");

    private CommandLines() {}

    /** The {@code moco} command with arguments. */
    static String of(List<String> arguments) {
        return arguments.stream()
                .map(argument ->
                        PLAIN.matcher(argument).matches() ? argument : "'" + argument.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "moco ", ""));
    }
}
