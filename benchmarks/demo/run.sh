#!/usr/bin/env bash
# The main job on real figures: 1,420 requests, 28 models of 8 simulated providers of which one attempt in ten fails, a third of the money that the
# best model would cost.   Usage: run.sh PATH-OF-DRAYAGE [BUDGET]
set -euo pipefail
drayage=$1
budget=${2:-1.50}
demo=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
simulator=
trap '[ -z "$simulator" ] || kill "$simulator" 2>/dev/null || true; rm -rf "$work"' EXIT

echo "What could be reached if every score were known in advance:"
"$drayage" plan "$demo/recorded.csv" --budget "$budget" | sed -n 1,11p
echo
echo "What is reached by what the other half of the table teaches, over real HTTP, with faults:"
"$drayage" simulate "$demo/recorded.csv" --write-requests "$work/requests.jsonl" --max-completion-tokens 4096
"$drayage" simulate "$demo/recorded.csv" --port 0 --speed 20 --fail all=0.1 --seed 7 --retry-after 5 --pricing "$demo/pricing" 2>"$work/simulator.log" &
simulator=$!
for _ in $(seq 100); do
  url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$work/simulator.log")
  [ -z "$url" ] || break
  kill -0 "$simulator" || { cat "$work/simulator.log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$url" ] || { cat "$work/simulator.log" >&2; exit 1; }
"$drayage" batch "$work/requests.jsonl" -o "$work/answers.jsonl" --budget "$budget" --profile "$demo/history.csv" \
  --pricing "$demo/pricing" --no-bundled --base-url "$url" --evaluate "$demo/recorded.csv" --timeout 10
echo
kill -INT "$simulator" && wait "$simulator" || true
simulator=
tail -1 "$work/simulator.log"
