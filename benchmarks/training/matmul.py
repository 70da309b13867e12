"""The machine's rate of matrix multiplication: `python -m benchmarks.training.matmul …`.

TensorFlow's own, of square float32 matrices: faster here than NumPy's and PyTorch's.
"""

import tensorflow as tf

from benchmarks.training.worker import Worker
from benchmarks.training.workload import given_workload

SIDE = 2048
PRODUCTS = 20  # a turn


def main() -> None:
    """Multiply until there are no more turns."""
    worker, workload = Worker(), given_workload()
    tf.config.threading.set_intra_op_parallelism_threads(workload.threads)
    tf.config.threading.set_inter_op_parallelism_threads(workload.threads)
    first, second = (tf.random.stateless_uniform((SIDE, SIDE), (0, seed)) for seed in (0, 1))
    worker.introduce(library=f"tensorflow {tf.__version__}")
    while True:
        worker.begin()
        for _ in range(PRODUCTS):
            product = tf.matmul(first, second)
        product.numpy()
        worker.stop()
        worker.tell(multiply_adds=PRODUCTS * SIDE**3)


if __name__ == "__main__":
    main()
