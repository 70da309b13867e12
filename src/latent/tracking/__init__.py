"""Logging of the stages' results to MLflow.

Importing this package sets the defaults of MLflow's client. It sends no usage data to MLflow's
makers, gives up within seconds if a server is down, and shows no progress bars of downloads. It
does not print the server's address, which may contain a password. Environment variables that are
already set take precedence.
"""

import os

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
