"""What MLflow keeps of a run.

Importing this package sets what MLflow's client reads at its start: no usage reports to its makers,
an answer within seconds where a server is down, and no address on the terminal, which may hold a
password. A user's own settings come first.
"""

import os

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
