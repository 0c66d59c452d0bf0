# `npx just` lists the recipes. Everything but `setup` needs `npm ci` to have run.

export PATH := justfile_directory() / "node_modules/.bin" + ":" + env("PATH")
secplan := "node bin/secplan.mjs"
example := "manifests/examples/light-python/secplan.json"
heavy := "manifests/examples/heavy-stack/secplan.yaml"

_default:
    @just --list

# Types, lint, generated files, tests
test:
    npm test

# The light profile on the example workspace
test-security *args: (_profile "light" args)

test-security-smoke *args: (_profile "smoke" args)

test-security-fast *args: (_profile "fast" args)

test-security-medium *args: (_profile "medium" args)

test-security-standard *args: (_profile "standard" args)

test-security-full *args: (_profile "full" args)

test-security-light *args: (_profile "light" args)

test-security-heavy *args:
    node scripts/build.ts
    {{ secplan }} run --profile heavy --manifest {{ heavy }} {{ args }}

_profile profile *args:
    node scripts/build.ts
    {{ secplan }} run --profile {{ profile }} --manifest {{ example }} {{ args }}

# Start the stack of the heavy example on this machine's loopback, and leave it up
up *args:
    node scripts/stack.ts up {{ heavy }} {{ args }}

# Stop it
down:
    node scripts/stack.ts down {{ heavy }}

# A new scanner's folder, to be filled in; report: sarif or json, provider: path, pypi, npm or go
new-stage id report="sarif" provider="path":
    node scripts/new-stage.ts {{ id }} {{ report }} {{ provider }}

# Run the real tool on a sample workspace and keep its output as a case (`malformed`: cut off the output of the case that is there)
record id case="findings" *workspace:
    node scripts/record.ts {{ id }} {{ case }} {{ workspace }}

# Hold one scanner to all that holds: declaration, pins, cases, fault matrix, parser cuts; each miss is a line with what to do
scanner id:
    node scripts/scanner.ts {{ id }}

# Accept what the cases of one scanner now give; read the difference before you commit it
golden id:
    UPDATE_GOLDEN=1 vitest run tests/scanners/stages.test.ts -t "^{{ id }} "

# Accept what the profiles now leave of their examples, and the examples' plans; read the difference before you commit it
golden-examples:
    node scripts/build.ts
    UPDATE_GOLDEN=1 vitest run tests/e2e/light.test.ts tests/e2e/golden-profiles.test.ts tests/e2e/heavy.test.ts tests/unit/planner/plan-golden.test.ts

# Write what is generated: registry, option schemas, types, validator
gen:
    node scripts/gen.ts

# All checks that need no scanner
ready:
    npm run -s check
    vitest run tests/scanners/stages.test.ts tests/architecture/architecture.test.ts tests/architecture/architecture-document.test.ts tests/architecture/kinds-document.test.ts tests/architecture/one-shape.test.ts tests/architecture/words.test.ts

# Every attack, as root (where this is root), as an ordinary user, and on the engine that SECPLAN_TEST_DAGGER names: tried, held, worked, not enforced
attack *args:
    node scripts/attack.ts {{ args }}

# Figures against peers in the same run
bench *args:
    node bench/run.ts {{ args }}

# The dagger runtime on the engine that SECPLAN_TEST_DAGGER names (docs/how-to/test-dagger.md)
test-dagger *args:
    @test -n "${SECPLAN_TEST_DAGGER:-}" || { echo "just test-dagger: SECPLAN_TEST_DAGGER names no engine; see docs/how-to/test-dagger.md" >&2; exit 2; }
    node scripts/build.ts
    vitest run tests/dagger-engine tests/e2e/parity {{ args }}

# Every scanner that can be had really run: the example against its golden, each recorded case against its record
conform *names:
    node scripts/build.ts
    node scripts/conform.ts {{ names }}
