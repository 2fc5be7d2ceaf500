"""What the machine is, and how busy others keep it."""

import os
import platform
import time

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count() or 1


def busy_seconds() -> float:
    """Processor seconds that anything has used since the machine started, all cores together."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICKS


def foreign_share(seconds: float) -> float:
    """The share of the machine that is in use while this process sleeps for a while."""
    busy, started = busy_seconds(), time.monotonic()
    time.sleep(seconds)
    return (busy_seconds() - busy) / ((time.monotonic() - started) * CORES)


def wait_until_quiet(limit: float, patience: float) -> float:
    """Waits until the machine is quiet, or patience ends; returns the share in use when it stopped waiting."""
    deadline = time.monotonic() + patience
    share = foreign_share(2)
    while share > limit and time.monotonic() < deadline:
        share = foreign_share(2)
    return share


def processor() -> str:
    """The processor's name as the kernel has it."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gib() -> int:
    """The machine's memory."""
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def file_system(path: str) -> str:
    """The type of the file system that a path lies on."""
    path = os.path.realpath(path)
    mounts = []
    with open("/proc/self/mounts", encoding="utf-8") as file:
        for line in file:
            _device, point, kind = line.split()[:3]
            if path == point or path.startswith(point.rstrip("/") + "/"):
                mounts.append((len(point), kind))
    return max(mounts)[1]


def description(folder: str) -> str:
    """One sentence for the head of a table of results."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{processor()}, {CORES} cores, {memory_gib()} GiB, {file_system(folder)}, {system}, Linux {platform.release()}; "
        f"load {load}"
    )
