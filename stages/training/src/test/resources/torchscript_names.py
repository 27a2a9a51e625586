#!/usr/bin/env python3
"""Fails unless Python parses TorchScript files, and each declares or imports what it uses, and uses its imports."""
import ast
import builtins
import sys

# Builtins of Python that TorchScript has and these files use.
BUILTINS = {"enumerate", "float", "bool", "int", "len", "max", "min", "range", "sum", "str"}
MAX_PARAMETERS = 8


def problems(path):
    tree = ast.parse(open(path, encoding="utf-8").read(), path)
    imported, declared = set(), set()
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported |= {name.asname or name.name for name in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            declared.add(node.name)
        elif isinstance(node, ast.Assign):
            declared |= {target.id for target in node.targets}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            parameters = {argument.arg for argument in node.args.args}
            if len(parameters) > MAX_PARAMETERS:
                yield f"{node.name} has {len(parameters)} parameters"
            inner = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
            local = parameters | {part.id for part in inner if isinstance(part.ctx, ast.Store)}
            read = {part.id for part in inner if isinstance(part.ctx, ast.Load)}
            missing = read - local - imported - declared - BUILTINS
            yield from (f"{node.name}: {name} is not declared" for name in missing)
            hidden = {name for name in local & (imported | declared) if not name.isupper()}
            calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
            called = {function.id for function in calls if isinstance(function, ast.Name)}
            yield from (f"{node.name}: the variable {name} hides a function that is called" for name in hidden & called)
            yield from (f"{node.name}: {name} is a builtin" for name in local if hasattr(builtins, name))
    yield from (f"{name} is imported and not used" for name in imported - used)


failed = False
for file in sys.argv[1:]:
    for problem in sorted(problems(file)):
        print(f"{file}: {problem}")
        failed = True
sys.exit(failed)
