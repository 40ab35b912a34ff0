"""The command line. Commands import what they need when they run, so that `--help` answers at once."""

import atexit
import errno
import gc
import os
import signal
import sys
from collections.abc import Callable
from copy import copy
from importlib.machinery import ModuleSpec
from typing import Annotated, Any

import typer

import clusterpact
from clusterpact.cli import console, registers
from clusterpact.cli.account import account
from clusterpact.cli.calibrate import calibrate
from clusterpact.cli.compare import compare, report
from clusterpact.cli.discover import discover
from clusterpact.cli.lab import lab
from clusterpact.cli.library import list_, new, schedule, show, validate
from clusterpact.cli.moves import moves
from clusterpact.cli.options import checked
from clusterpact.cli.outlook import outlook
from clusterpact.cli.results import archive, export, extend, merge, replay, verify
from clusterpact.cli.run import run
from clusterpact.cli.score import score
from clusterpact.cli.search import search
from clusterpact.cli.sensitivity import sensitivity
from clusterpact.cli.slurm_script import slurm_script
from clusterpact.cli.status import status
from clusterpact.cli.timing import timing
from clusterpact.inputs import InputError
from clusterpact.results.figures import letters

app = typer.Typer(
    name="clusterpact",
    help="How an industrial cluster reaches net zero together, and what stands in the way.\n\n"
    "Example: clusterpact run dunkirk --runs 200",
    invoke_without_command=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
UsageError: type[Any] = typer.BadParameter.__mro__[1]
INTERRUPTED = 130
#: How libraries word that the system gave no memory: for data, a thread, or a module's own code.
NO_MEMORY = (os.strerror(errno.ENOMEM), os.strerror(errno.EAGAIN), "can't start new thread", "failed to map segment")
FOUND = "What there is"
MADE = "A cluster or an experiment of your own"
GROUPS: dict[str, dict[str, Callable[..., None]]] = {
    "Run and read": {"run": run, "compare": compare, "timing": timing, "report": report, "replay": replay},
    FOUND: {"list": list_, "show": show, "account": account, "schedule": schedule},
    MADE: {"new": new, "validate": validate},
    "What would work": {"lab": lab, "search": search},
    "What matters, and how far to trust it": {
        "discover": discover, "sensitivity": sensitivity, "moves": moves, "score": score, "calibrate": calibrate,
        "outlook": outlook,
    },
    "Large results and many computers": {
        "status": status, "merge": merge, "extend": extend, "verify": verify, "archive": archive, "export": export,
        "slurm-script": slurm_script,
    },
}  # fmt: skip


def _print_version(asked: bool) -> None:
    if asked:
        print(f"clusterpact {clusterpact.__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Without a command, print the help."""
    if context.invoked_subcommand is None:
        print(context.get_help())


for group, commands in GROUPS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=group)(checked(command))
app.add_typer(registers.app, name="import", rich_help_panel=MADE)


#: Garbage is looked for seldom: modules, which are most of what there is, are none.
COLLECTED = (50_000, 20, 50)


def main() -> None:
    """Entry point: mistakes of users end in one line on stderr and exit code 2; polite ends are interrupts."""
    gc.set_threshold(*COLLECTED)
    _name_main()
    atexit.register(gc.freeze)  # the memory of a process that ends goes as a whole
    with console.printable_output():
        _main()


def _main() -> None:
    _listen()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    try:
        code = _asked(sys.argv[1:2])(prog_name="clusterpact", standalone_mode=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        console.fail(_told(error))
        if _lacks_memory(error):
            _end_at_once(2)
        code = 2
    if unshown := letters.note():
        console.fail(unshown)
    if code == INTERRUPTED:
        console.fail("interrupted; the same command resumes where it stopped")
    sys.exit(code or 0)


def _asked(words: list[str]) -> typer.Typer:
    """The commands, or the one that is asked for by its name alone: making each takes about a millisecond."""
    one = [command for command in app.registered_commands if [command.name] == words]
    if not one:
        return app
    asked = copy(app)
    asked.registered_commands, asked.registered_groups = one, []
    return asked


def _name_main() -> None:
    """Name the script that the command line was started by, if it was by one; else processes of its own run it again."""
    script = sys.modules["__main__"]
    if script.__spec__ is None and getattr(script, "__file__", None) == sys.argv[0]:
        script.__spec__ = ModuleSpec("clusterpact.__main__", None)


def _end_at_once(code: int) -> None:
    """End without what libraries do at the end: one that was refused memory may crash there."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _told(error: Exception) -> str:
    """The one line of a user's mistake, or of a system that refuses something; raises whatever is neither."""
    if _lacks_memory(error):
        return "out of memory: give the command more, as by a higher `ulimit -v` or a larger job, or fewer --threads"
    if isinstance(error, InputError):
        more = len(error.others)
        rest = f" (and {more} more mistake{'s' if more > 1 else ''}; clusterpact validate lists all)" if more else ""
        return f"{error}{rest}"
    if isinstance(error, UsageError):
        return _usage(error)
    if isinstance(error, OSError):
        return f"{str(error.filename or 'file')[:100]}: {error.strerror or error}"
    raise error


def _lacks_memory(error: BaseException | None) -> bool:
    """Whether an exception is, or came of, the system's refusal of memory or of a thread."""
    while error is not None:
        if isinstance(error, OSError):
            refused = error.errno == errno.ENOMEM
        else:
            refused = isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)
        if refused:
            return True
        error = error.__cause__ or error.__context__
    return False


def _listen() -> None:
    """Take a polite kill, and a terminal that is closed, for an interrupt; `nohup` still means what it says."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    closed = getattr(signal, "SIGHUP", None)  # not on Windows
    if closed is None or signal.getsignal(closed) == signal.SIG_IGN:
        return
    terminals = [stream for stream in (1, 2) if os.isatty(stream)]

    def hang_up(number: int, frame: Any) -> None:
        for stream in terminals:  # what is written to a terminal that is gone would be an error
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        signal.default_int_handler(number, frame)

    signal.signal(closed, hang_up)


def _usage(error: Any) -> str:
    """One line for a mistake in the command line itself, and where its help is."""
    text = " ".join(str(error.format_message()).split()).rstrip(".")
    options = getattr(getattr(error, "param", None), "opts", [])
    given = [value for option, value in zip(sys.argv, sys.argv[1:], strict=False) if option in options]
    told = f"{text} (got {given[0][:80]!r})" if given and given[0] not in text else text
    context = getattr(error, "ctx", None)
    return f"{told}; see {context.command_path if context else 'clusterpact'} --help"
