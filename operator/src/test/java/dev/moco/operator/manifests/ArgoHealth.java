package dev.moco.operator.manifests;

import com.fasterxml.jackson.databind.JsonNode;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** Runs {@code health.lua} as Argo CD does: the resource is the global {@code obj}. */
record ArgoHealth(String status, String message) {
    static ArgoHealth of(String program, JsonNode resource) {
        Globals globals = JsePlatform.standardGlobals();
        globals.set("obj", lua(resource));
        LuaValue health = globals.load(program, "health.lua").call();
        return new ArgoHealth(
                health.get("status").checkjstring(), health.get("message").checkjstring());
    }

    private static LuaValue lua(JsonNode node) {
        if (node.isTextual()) {
            return LuaValue.valueOf(node.textValue());
        } else if (node.isNumber()) {
            return LuaValue.valueOf(node.doubleValue());
        } else if (node.isBoolean()) {
            return LuaValue.valueOf(node.booleanValue());
        } else if (node.isNull()) {
            return LuaValue.NIL;
        }
        LuaTable table = new LuaTable();
        if (node.isArray()) {
            node.forEach(element -> table.insert(table.length() + 1, lua(element)));
        } else {
            node.properties().forEach(field -> table.set(field.getKey(), lua(field.getValue())));
        }
        return table;
    }
}
