#!/usr/bin/env bash
# Trains one configuration on a cluster. A requeued job goes on where it stopped, and one whose time is nearly over
# requeues itself: Slurm warns by SIGUSR1, the training writes a checkpoint and ends with exit code 138.
#   sbatch experiments/slurm.sh experiments/saps_vh_att.yaml [--any.setting value]
#   sbatch --nodes=2 --ntasks-per-node=4 --gpus-per-node=4 experiments/slurm.sh experiments/saps_vh_att.yaml
# One process a task; saps reads from Slurm how many there are.
#SBATCH --job-name=saps
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --time=12:00:00
#SBATCH --signal=USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -uo pipefail
config=${1:?usage: sbatch experiments/slurm.sh CONFIG.yaml [--any.setting value]}
shift
run="${RUNS:-runs}/$(basename "$config" .yaml)-$SLURM_JOB_ID"
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} WANDB_MODE=${WANDB_MODE:-offline}
words=(--config "$config" --run "$run" "$@")
[ -f "$run/config.yaml" ] && words=(--resume "$run")
srun --kill-on-bad-exit=1 "${SAPS:-.venv/bin/saps}" train "${words[@]}"
code=$?
[ "$code" -eq 138 ] && exec scontrol requeue "$SLURM_JOB_ID"
exit "$code"
