#!/usr/bin/env bash
# Trains one configuration on a cluster; a requeued job goes on where it stopped.
#   sbatch experiments/slurm.sh experiments/saps_vh_att.yaml [--any.setting value]
#SBATCH --job-name=saps
#SBATCH --nodes=1
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=4
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --output=%x-%j.log
set -euo pipefail
config=${1:?usage: sbatch experiments/slurm.sh CONFIG.yaml [--any.setting value]}
shift
run="runs/$(basename "$config" .yaml)-$SLURM_JOB_ID"
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} WANDB_MODE=${WANDB_MODE:-offline}
if [ -f "$run/config.yaml" ]; then
  srun .venv/bin/saps train --resume "$run"
else
  srun .venv/bin/saps train --config "$config" --run "$run" --trainer.accelerator gpu "$@"
fi
