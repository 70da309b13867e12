"""Measures the rate of matrix multiplication: `python -m benchmarks.training.matmul …`.

It multiplies square float32 matrices with TensorFlow, which is faster here than NumPy and PyTorch.
"""

import tensorflow as tf

from benchmarks.training.worker import Worker
from benchmarks.training.workload import parse_workload

SIDE = 2048
PRODUCTS = 20  # per turn


def main() -> None:
    """Multiply until there are no more turns."""
    worker, workload = Worker(), parse_workload()
    tf.config.threading.set_intra_op_parallelism_threads(workload.threads)
    tf.config.threading.set_inter_op_parallelism_threads(workload.threads)
    first, second = (tf.random.stateless_uniform((SIDE, SIDE), (0, seed)) for seed in (0, 1))
    worker.describe(library=f"tensorflow {tf.__version__}")
    while True:
        worker.begin()
        for _ in range(PRODUCTS):
            product = tf.matmul(first, second)
        product.numpy()
        worker.stop()
        worker.report(multiply_adds=PRODUCTS * SIDE**3)


if __name__ == "__main__":
    main()
