#!/bin/sh
# Fuzzes parsers: run.sh [seconds for each] [parser ...]; without parsers all of them. `run.sh 0` only builds.
set -eu
cd "$(dirname "$0")"
seconds=${1:-180}
[ $# -gt 0 ] && shift
recorded=../../Tests/DrayageExecutionTests/Corpus
swift build -c release --product fuzz -Xswiftc -enable-testing -Xswiftc -sanitize=fuzzer,address
[ "$seconds" -gt 0 ] || exit 0
[ $# -gt 0 ] || set -- $(ls $recorded)
# A crash is to reach the fuzzer at once, and not a backtrace first.
export SWIFT_BACKTRACE=enable=no
for parser in "$@"; do
  found=.build/corpus/$parser
  mkdir -p "$found" .build/findings
  echo "== $parser"
  PARSER=$parser nice -n 5 .build/release/fuzz -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=".build/findings/$parser-" \
    "$found" "$recorded/$parser"
done
