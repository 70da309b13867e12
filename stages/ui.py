"""Shows the runs: `python -m stages.ui` serves MLflow's pages for the store of the stages."""

import os
import sys

from latent.errors import hide_credentials
from latent.tracking.run import describe
from latent.tracking.store import is_server, open_store
from stages.project import ROOT


def main() -> None:
    """Serve the store at http://127.0.0.1:5000, or name the tracking server that has the runs."""
    try:
        address = open_store(ROOT)
    except Exception as error:
        sys.exit(f"ERROR: MLflow: {describe(error)}")
    if is_server(address):
        shown = hide_credentials(address)
        sys.stdout.write(f"The runs are on a tracking server: open {shown} (MLFLOW_TRACKING_URI)\n")
        return
    # Not an argument of the command, because an address may contain a password.
    os.environ["MLFLOW_BACKEND_STORE_URI"] = address
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "server"])


if __name__ == "__main__":
    main()
