# shellcheck shell=bash disable=SC2154
# A private Slurm on this machine, for tests: munged, slurmctld and two slurmd (n1, n2; two cores each, on paper) on
# loopback, all files in $slurm, started as root, stopped by their pid files. Sourced after cluster.sh.
for tool in munged slurmctld slurmd sbatch srun scontrol; do
    command -v $tool >/dev/null || { echo "SKIPPED: no $tool; packages slurm-wlm and munge bring it" >&2; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED: a private Slurm needs root" >&2; exit 77; }
slurm=$folder/slurm
port=$((20000 + $$ % 20000)) # and the next two
export SLURM_CONF=$slurm/slurm.conf

slurm_stop() { # by pid file, never by name
    local file process i
    scancel --user=root 2>/dev/null # all jobs of this Slurm, so that no step outlives it
    for ((i = 0; i < 100; i++)); do
        [ -z "$(squeue -h 2>/dev/null)" ] && break
        sleep 0.1
    done
    for file in "$slurm"/n1.pid "$slurm"/n2.pid "$slurm"/slurmctld.pid "$slurm"/munged.pid; do
        [ -s "$file" ] || continue
        process=$(cat "$file")
        kill "$process" 2>/dev/null
        for ((i = 0; i < 100; i++)); do kill -0 "$process" 2>/dev/null || break; sleep 0.05; done
        kill -KILL "$process" 2>/dev/null
    done
}

slurm_conf() {
    cat <<CONF
ClusterName=private
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool.%n
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/%n.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
MpiDefault=none
ReturnToService=2
KillWait=5
UnkillableStepTimeout=30
MailProg=/bin/true
InactiveLimit=0
MinJobAge=300
NodeName=n1 NodeAddr=127.0.0.1 NodeHostname=localhost Port=$((port + 1)) CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=1000 TmpDisk=0
NodeName=n2 NodeAddr=127.0.0.1 NodeHostname=localhost Port=$((port + 2)) CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=1000 TmpDisk=0
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=60 State=UP PriorityTier=1 GraceTime=0
PartitionName=urgent Nodes=n1,n2 MaxTime=60 State=UP PriorityTier=9
CONF
}

slurm_start() {
    mkdir -p "$slurm"/{state,spool.n1,spool.n2}
    chmod 755 "$folder" "$slurm"
    gf_at_end+=(slurm_stop)
    slurm_conf >"$SLURM_CONF"
    # Nothing here uses control groups, but slurmd looks for them and gives up where none are mounted (containers, chroots).
    echo "CgroupPlugin=cgroup/v1" >"$slurm/cgroup.conf"
    head -c 1024 /dev/urandom >"$slurm/munge.key"
    chmod 600 "$slurm/munge.key"
    munged --force --key-file="$slurm/munge.key" --socket="$slurm/munge.socket" --pid-file="$slurm/munged.pid" \
        --log-file="$slurm/munged.log" --seed-file="$slurm/munged.seed" --num-threads=2 >"$slurm/munged.out" 2>&1 || return 1
    slurmctld -c -f "$SLURM_CONF" >"$slurm/slurmctld.out" 2>&1 || return 1
    slurmd -N n1 -f "$SLURM_CONF" >"$slurm/n1.out" 2>&1 || return 1
    slurmd -N n2 -f "$SLURM_CONF" >"$slurm/n2.out" 2>&1 || return 1
    local i
    for ((i = 0; i < 200; i++)); do
        [ "$(sinfo -h -p main -o '%T %D' 2>/dev/null)" = "idle 2" ] && return 0
        sleep 0.1
    done
    return 1
}

wait_until() { # SECONDS COMMAND...: until it succeeds
    local i limit=$(($1 * 10))
    shift
    for ((i = 0; i < limit; i++)); do "$@" && return 0; sleep 0.1; done
    return 1
}
queue_is_empty() { [ -z "$(squeue -h 2>/dev/null)" ]; }
state_of() { scontrol show job "$1" 2>/dev/null | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p' | head -1; }
has_state() { [ "$(state_of "$1")" = "$2" ]; }
