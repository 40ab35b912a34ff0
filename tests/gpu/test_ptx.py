"""The code for a card: one kernel that asks nothing of anybody and rounds as the processor does. A card is not needed."""

import re
import shutil
import subprocess
from collections import Counter

import pytest

from clusterpact.experiments.gpu.code import CPU, KERNEL, lane_code, ptx_of

#: Operations on doubles that a card rounds as IEEE asks, or that round nothing.
EXACT = {
    "add.rn.f64", "sub.rn.f64", "mul.rn.f64", "div.rn.f64", "rcp.rn.f64", "sqrt.rn.f64", "abs.f64", "neg.f64", "mov.f64",
    "selp.f64", "copysign.f64", "cvt.rn.f64.s64", "cvt.rn.f64.u64", "cvt.rn.f64.s32", "cvt.rn.f64.u32", "cvt.rzi.s64.f64",
    "cvt.rmi.f64.f64", "cvt.rpi.f64.f64", "cvt.rzi.f64.f64",
}  # fmt: skip


@pytest.fixture(scope="module")
def lines(code):
    return [line.strip() for line in code.decode().splitlines()]


@pytest.fixture(scope="module")
def operations(lines):
    """How often each operation occurs."""
    found = (re.match(r"(?:@!?%\w+ )?([a-z][\w.:]*)\s", line) for line in lines)
    return Counter(one.group(1) for one in found if one)


def test_it_holds_the_rules(operations):
    assert operations["add.rn.f64"] > 1000
    assert operations["mul.rn.f64"] > 1000
    assert operations["sqrt.rn.f64"] > 0


def test_it_shows_one_kernel_and_needs_no_other_code(code):
    text = code.decode()
    assert re.findall(r"^\.visible \.entry (\w+)", text, re.MULTILINE) == [KERNEL]
    assert not re.findall(r"^\.extern .*", text, re.MULTILINE)
    assert f".target {CPU}\n" in text


def test_no_number_is_rounded_otherwise_than_by_the_processor(operations):
    numbers = {name for name in operations if ".f64" in name or ".f32" in name or name.startswith(("fma", "mad.f"))}
    compared = {name for name in numbers if name.startswith("setp.")}
    assert numbers - compared - EXACT <= {"min.f64", "max.f64"}


def test_the_greater_of_two_numbers_is_only_ever_compared(lines):
    """A card's maximum of zeros of either sign is the positive one; the processor's, that of the rule's own comparison."""
    for function in "\n".join(lines).split("\n}\n"):  # registers are named anew in each
        for name in re.findall(r"^(?:min|max)\.f64\s+(%\w+),", function, re.MULTILINE):
            uses = re.findall(rf"^(?:@!?%\w+ )?([\w.]+)\s.*{name}\b", function, re.MULTILINE)
            assert {use for use in uses if not use.startswith("setp.")} <= {"min.f64", "max.f64"}


def test_it_names_no_file_of_the_machine_that_made_it(code):
    assert b".py" not in code
    assert b"/" not in code.replace(b"//", b"")


@pytest.mark.slow
def test_it_is_the_same_whenever_it_is_made(code):
    assert ptx_of(lane_code()) == code


@pytest.mark.skipif(shutil.which("ptxas") is None, reason="there is no ptxas here")
@pytest.mark.slow
@pytest.mark.parametrize("card", ["sm_80", "sm_90", "sm_100"])
def test_the_assembler_of_cards_takes_it(card, code, tmp_path):
    source = tmp_path / "rules.ptx"
    source.write_bytes(code)
    command = ["ptxas", f"-arch={card}", "-v", str(source), "-o", str(tmp_path / "rules.cubin")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"Used \d+ registers", done.stderr)
