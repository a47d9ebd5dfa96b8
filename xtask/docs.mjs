// Writes the API reference into target/docs, by typedoc. It ends with 1 when
// typedoc has a warning: a type that is referred to and not described, a link
// that leads nowhere.

import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
// typedoc reads the sources with the TypeScript that is installed beside it.
const required = createRequire(join(root, "tests", "package.json"));
const { Application, Converter, ReflectionKind } = await import(
  pathToFileURL(required.resolve("typedoc")).href
);
const ts = required("typescript");

/** What people import, and where its sources begin. */
const MODULES = {
  "seam-session": "pkg/src/index.ts",
  "seam-session/seam-components": "pkg/src/seam-components.ts",
  "seam-session/sandbox": "pkg/src/sandbox.ts",
};

const app = await Application.bootstrap({
  name: "seam-session",
  readme: "none",
  entryPoints: Object.values(MODULES).map((file) => join(root, file)),
  tsconfig: join(root, "pkg/tsconfig.json"),
  out: join(root, "target/docs"),
  excludeExternals: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  disableGit: true,
  disableSources: true,
  logLevel: "Warn",
  // What the server's errors are read from, before they are errors.
  intentionallyNotExported: ["src/core/errors.ts:ValidationTree"],
  validation: {
    invalidLink: true,
    invalidPath: true,
    notDocumented: false,
    notExported: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
});

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
  nameModules(context.project);
  describeShapes(context);
});

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  await app.generateOutputs(project);
}
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
else console.log("target/docs/index.html");

/** As people import them, not as their files are called. */
function nameModules(project) {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const [name] =
      Object.entries(MODULES).find(([, file]) =>
        [`/${module.name}.ts`, `/${module.name}/index.ts`].some((end) =>
          file.endsWith(end),
        ),
      ) ?? [];
    module.name = name ?? module.name;
  }
}

/**
 * The unions of events and action attempts are made of types that have no name
 * for who imports them; who reads about the unions wants to see those too.
 */
function describeShapes(context) {
  const shapes = context.createDeclarationReflection(
    ReflectionKind.Module,
    undefined,
    undefined,
    "shapes",
  );
  context.finalizeDeclarationReflection(shapes);
  for (const program of context.programs) {
    context.setActiveProgram(program);
    const inner = context.withScope(shapes);
    for (const file of program.getSourceFiles()) {
      const path = relative(root, file.fileName).replaceAll("\\", "/");
      if (!path.startsWith("pkg/src/generated/resources/")) continue;
      for (const node of file.statements) {
        if (
          !ts.isTypeAliasDeclaration(node) &&
          !ts.isInterfaceDeclaration(node)
        )
          continue;
        const symbol = context.checker.getSymbolAtLocation(node.name);
        if (context.getReflectionFromSymbol(symbol)) continue;
        app.converter.convertSymbol(inner, symbol);
      }
    }
    context.setActiveProgram(undefined);
  }
}
