"""Command that fine-tunes a model: `python -m modelyard.workloads.fine_tune --config FILE`."""

import argparse
import logging
import os
import sys
from pathlib import Path

EXAMPLE = """example, in this process and without Ray:
  cat > fine-tune.json <<END
  {"name": "first", "preset": "gpt2-tiny", "train_data": "/data/train.txt", "results": "/data/results"}
  END
  python -m modelyard.workloads.fine_tune --config fine-tune.json --local

exit codes: 0 the model is in <results>/model and <results>/SUCCEEDED is written; 2 something in the configuration or
the data must change; 1 anything else; 143 stopped by SIGTERM after a checkpoint. The same command resumes a run that
was cut off."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m modelyard.workloads.fine_tune",
        description="Fine-tunes a language model as a configuration file says, as a Ray Train job or in this process.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="JSON or YAML: a FineTuneConfig")
    parser.add_argument("--local", action="store_true", help="train here instead of on Ray (torchrun implies it)")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S", stream=sys.stdout)
    # Both print bars and advice that no log wants; tokenizers also warns whenever a process forks.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

    from modelyard.workloads.fine_tune.run import run  # noqa: PLC0415 - after the variables above are set

    # torchrun takes --local for an abbreviation of an option of its own, so under it the flag goes without saying.
    return run(options.config, local=options.local or "TORCHELASTIC_RUN_ID" in os.environ)


if __name__ == "__main__":
    sys.exit(main())
