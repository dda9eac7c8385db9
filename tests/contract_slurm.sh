#!/usr/bin/env bash
# A real Slurm, private to this test: an array of shards and its merge equal one run, whatever happens to the tasks:
# kill -9, scancel, requeue, a warning before the time limit, preemption, a task that dies while its job counts as
# completed. slurm/submit, given again, completes the set.
source "$(dirname "$0")/cluster.sh"
source "$GF_SOURCE/tests/slurm.sh"
export GUIDEFUND
if ! slurm_start; then
    tail -n 5 "$slurm"/*.log "$slurm"/*.out >&2
    fail "the private Slurm did not start"
    finish
fi
submit=$GF_SOURCE/slurm/submit
n=$(portfolios_for 9 1000000)
options=(--set output.portfolios=sample --set output.sample_every=11)
run=(small.yaml --portfolios "$n" "${options[@]}") # eight tasks of some seconds each
short=(small.yaml --portfolios $((n / 2)) "${options[@]}") # four
expect 0 gf run "${run[@]}" --progress none -o one.h5
expect 0 gf run "${short[@]}" --progress none -o one_short.h5

submitted() { sed -n 's/^job \([0-9]*\):.*/\1/p' stdout; } # array, then merge
is_running() { compgen -G ".$1.shard-000$2-of-*.tmp" >/dev/null; } # the task has begun to write
process_of() { compgen -G ".$1.shard-000$2-of-*.tmp" | head -1 | sed 's/.*\.\([0-9]*\)\.tmp$/\1/'; }
shards_there() { find . -maxdepth 1 -name "$1.shard-*.h5" | wc -l; }
settle() { wait_until 120 queue_is_empty || { fail "jobs are stuck: $(squeue)"; finish; }; }

# --- an array that puts itself back: everything that can happen to a task, at once ---------------------------------
expect 0 "$submit" "${run[@]}" -o all.h5 --shards 8 --part-seconds 0.1 --preemptible
array=$(submitted | head -1)
for task in 1 2 3 4; do wait_until 30 is_running all $task || fail "task $task did not start: $(squeue)"; done
kill -KILL "$(process_of all 1)" || fail "no process of task 1"
scancel "${array}_2"
scontrol requeue "${array}_3" || fail "no requeue of task 3"
scancel -s TERM -b "${array}_4" 2>/dev/null & # asks again for seconds, and fails, after the task has gone
expect 75 "$submit" "${run[@]}" -o all.h5 --shards 8
says "are in the queue"
# an urgent job takes both nodes away from whoever runs by now
sleep 1
urgent=$(sbatch --parsable --partition=urgent --nodes=2 --exclusive --output=/dev/null --wrap 'sleep 2')
wait_until 30 has_state "$urgent" COMPLETED || fail "the urgent job is $(state_of "$urgent")"
settle
[ -s all.shard-0003-of-0008.h5 ] || fail "a task that was requeued did not go on"
[ -s all.shard-0004-of-0008.h5 ] || fail "a task that was warned did not requeue itself"
[ ! -e all.shard-0001-of-0008.h5 ] || fail "a task that was killed is complete"
[ ! -e all.shard-0002-of-0008.h5 ] || fail "a task that was cancelled is complete"
[ "$(shards_there all)" = 6 ] || fail "$(shards_there all) shards are there, expected 6"
[ ! -e all.h5 ] || fail "merged without two shards"
grep -q "missing: shards 1 to 2 of 8" all.logs/merge.log || fail "merge.log: $(cat all.logs/merge.log)"
cp all.shard-0005-of-0008.h5 kept.h5
head -c 4000 kept.h5 >all.shard-0005-of-0008.h5 # and one is damaged while nobody looks
expect 0 "$submit" "${run[@]}" -o all.h5 --shards 8
grep -q "shards 1-2,5 of 8" stdout || fail "submitted: $(cat stdout)"
settle
same one.h5 all.h5
"$python" "$GF_SOURCE/tests/same_results.py" kept.h5 all.shard-0005-of-0008.h5 || fail "a shard that was run again differs"
expect 0 "$submit" "${run[@]}" -o all.h5 --shards 8 # nothing is missing: only a merge
grep -q "all 8 shards are there" stdout || fail "submitted: $(cat stdout)"
settle
same one.h5 all.h5
rm -rf all.* kept.h5

# --- the plain array: the queue counts a task as completed that wrote nothing -----------------------------------------
expect 0 "$submit" "${short[@]}" -o plain.h5 --shards 4
array=$(submitted | head -1)
wait_until 30 is_running plain 2 || fail "task 2 did not start"
scontrol requeue "${array}_2" >/dev/null
settle
same one_short.h5 plain.h5
rm -f plain.h5 plain.shard-0003-of-0004.h5
export GF_CONFIG=$PWD/small.yaml GF_OUTPUT=$PWD/plain.h5 GF_SHARDS=4 GF_OPTIONS=
liar=$(GF_PROGRAM=/bin/true sbatch --parsable --array=3 --output=/dev/null "$GF_SOURCE/slurm/array.sbatch")
merge=$(GF_PROGRAM=$GUIDEFUND sbatch --parsable --dependency=afterok:"$liar" --output=merge.log "$GF_SOURCE/slurm/merge.sbatch")
settle
[ "$(state_of "$liar")" = COMPLETED ] || fail "the job that did nothing is $(state_of "$liar")"
[ "$(state_of "$merge")" = FAILED ] || fail "the merge is $(state_of "$merge")"
grep -q "missing: shard 3 of 4" merge.log || fail "merge.log: $(cat merge.log)"
[ ! -e plain.h5 ] || fail "merged without a shard"

# --- a sweep, by the same commands ---------------------------------------------------------------------------------------
cat >design.yaml <<YAML
sweep: levers
base: small.yaml
portfolios: 3000
keys: [{key: startups.count, values: [5, 6, 7, 8, 9]}, {key: "startups.dilution[0]", from: 0.1, to: 0.3, levels: 3}]
numbers: [{of: mean(n_failed)}, {of: P(net_tvpi >= 2)}]
YAML
expect 0 gf sweep design.yaml -o one_sweep.h5 --seed 5 --progress none
expect 0 "$submit" design.yaml -o sweep.h5 --shards 3 --seed 5
grep -q "shards 1-3 of 3" stdout || fail "submitted: $(cat stdout)"
settle
same one_sweep.h5 sweep.h5
rm -f sweep.h5 sweep.shard-0002-of-0003.h5
expect 0 "$submit" design.yaml -o sweep.h5 --shards 3 --seed 5 --preemptible
grep -q "shards 2 of 3" stdout || fail "submitted: $(cat stdout)"
settle
same one_sweep.h5 sweep.h5
rm -f sweep.*

# --- one job, shards as tasks of a step; one of them dies ---------------------------------------------------------------
GF_OPTIONS=$(printf '%s\n' "${short[@]:1}")
export GF_PROGRAM=$GUIDEFUND GF_OUTPUT=$PWD/step.h5 GF_OPTIONS
job=$(sbatch --parsable --nodes=2 --ntasks=4 --output=step.log "$GF_SOURCE/slurm/srun.sbatch")
wait_until 30 is_running step 3 || fail "no task 3 of the step: $(cat step.log)"
kill -KILL "$(process_of step 3)"
settle
[ "$(state_of "$job")" = FAILED ] || fail "the job with a dead task is $(state_of "$job")"
grep -q "missing: shard 3 of 4" step.log || fail "step.log: $(cat step.log)"
[ ! -e step.h5 ] || fail "merged without a task"
sbatch --parsable --nodes=2 --ntasks=4 --output=step.log "$GF_SOURCE/slurm/srun.sbatch" >/dev/null
settle
same one_short.h5 step.h5
[ -z "$(find . -maxdepth 1 -name '*.tmp' -o -maxdepth 1 -name '*.lock' -o -maxdepth 1 -name '*.parts')" ] || fail "left: $(ls -A)"
finish "arrays, steps and merges under Slurm end in the bytes of one run"
