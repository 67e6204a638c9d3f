#!/usr/bin/env bash
# Builds the server and every client, runs them in turn, and prints one table.
# Usage: run.sh [OPTIONS OF compare.py]      for example: run.sh --rounds 5 --concurrency 64
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/.build/c
mkdir -p "$out"
cc=${CC:-cc}
"$cc" -O2 -Wall -Wextra -o "$out/server" "$here/server.c"
"$cc" -O2 -Wall -Wextra -o "$out/raw" "$here/raw.c" -lcurl
swift build -c release --product executor-benchmark --package-path "$here"
exec python3 "$here/compare.py" "$out/server" "$out/raw" "$here/.build/release/executor-benchmark" "$@"
