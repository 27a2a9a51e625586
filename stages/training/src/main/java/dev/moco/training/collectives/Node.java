package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * This pod among those that run one stage together, one on each node.
 *
 * @param index number of the pod, from 0; the first one's first process writes the result
 * @param count number of the pods
 * @param address IP address of the pod
 * @param pod identity of the pod, which is another one after a restart
 * @param job identity of the pods' Job
 */
public record Node(int index, int count, String address, String pod, String job) {
    /** The only pod of a stage, or a process that is in none. */
    public static final Node ALONE = new Node(0, 1, "", "", "");

    /** Host names are not allowed: nobody else's answer shall choose whom this process connects to. */
    private static final Pattern ADDRESS =
            Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private static final Pattern IDENTITY = Pattern.compile("[\\w-]{1,64}");

    /**
     * Reads the variables that a pod has.
     *
     * @throws StageFailure bad configuration, with the name of the variable
     */
    public static Node of(Map<String, String> environment) {
        int count = LaunchVariables.number(environment, StageTask.NODES_VARIABLE, 1);
        if (count == 1) {
            return ALONE;
        }
        String index = value(environment, StageTask.INDEX_VARIABLE, Pattern.compile("[0-9]{1,4}"));
        if (Integer.parseInt(index) >= count) {
            throw StageFailure.badConfig(StageTask.INDEX_VARIABLE + " must be below the " + count + " nodes of "
                    + StageTask.NODES_VARIABLE + ", found " + index);
        }
        return new Node(
                Integer.parseInt(index),
                count,
                value(environment, StageTask.POD_IP_VARIABLE, ADDRESS),
                value(environment, StageTask.POD_UID_VARIABLE, IDENTITY),
                value(environment, StageTask.JOB_UID_VARIABLE, IDENTITY));
    }

    private static String value(Map<String, String> environment, String variable, Pattern form) {
        String value = environment.get(variable);
        if (value == null || !form.matcher(value).matches()) {
            throw StageFailure.badConfig(variable + " must match " + form + " where " + StageTask.NODES_VARIABLE
                    + " is set, found " + (value == null ? "none" : "\"" + value + "\""));
        }
        return value;
    }

    /** Reads an IP address, without asking anyone for a name. */
    static InetAddress address(String text) {
        if (!ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException("an address must be numbers, found \"" + text + "\"");
        }
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address must be numbers, found \"" + text + "\"", e);
        }
    }

    /** Beginning of a message about one of several nodes. */
    String prefix() {
        return count == 1 ? "" : "node " + index + " of " + count + ": ";
    }
}
