#!/usr/bin/env bash
# One job a row and seed of `saps compare`, as a Slurm job array; a requeued job goes on where it stopped, and one whose
# time is nearly over requeues itself.
#   rows=(experiments/paper/*.yaml); seeds=3
#   sbatch --gpus-per-node=1 --array=0-$((${#rows[@]} * seeds - 1)) experiments/slurm_array.sh "$seeds" "${rows[@]}" -- \
#       --budget 10m --test data/algolisp/test.jsonl.gz --set trainer.accelerator=gpu
# and when all have ended, the table of what there is:
#   saps compare "${rows[@]}" --seeds "$seeds" --table --output experiments/RESULTS.md
#SBATCH --job-name=saps-compare
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --time=02:00:00
#SBATCH --signal=USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%A-%a.log
set -uo pipefail
usage="usage: sbatch --array=0-N experiments/slurm_array.sh SEEDS CONFIG.yaml... [-- flags of saps compare]"
seeds=${1:?$usage}
shift
rows=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do rows+=("$1"); shift; done
[ $# -gt 0 ] && shift
[ "${#rows[@]}" -gt 0 ] || { echo "$usage" >&2; exit 2; }
row=$((SLURM_ARRAY_TASK_ID / seeds)) seed=$((SLURM_ARRAY_TASK_ID % seeds + 1))
[ "$row" -lt "${#rows[@]}" ] || { echo "job $SLURM_ARRAY_TASK_ID: there are only ${#rows[@]} rows x $seeds seeds" >&2; exit 2; }
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} WANDB_MODE=${WANDB_MODE:-offline}
${SAPS_LAUNCH-srun} "${SAPS:-.venv/bin/saps}" compare "${rows[@]}" --seeds "$seeds" \
  --only "$(basename "${rows[$row]}" .yaml)" --seed "$seed" "$@"
code=$?
[ "$code" -eq 138 ] && exec scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
exit "$code"
