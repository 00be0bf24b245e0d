"""The oracle of the schedule's tests: when cron texts fire, by Python's zoneinfo, in 30 zones over five years.

It knows the rule as it stands at Plan.Next and nothing of how the program finds its times. It goes through every minute
that a calendar of the zone shows and asks whether the text names it. Then, by PEP 495:

  a minute that clocks skip     fires at the instant that fold=0 gives, which is as much later as they jump;
  a minute that comes twice     fires at fold=0, and at fold=1 too where the hour is a star;
  two that are one instant      fire once.

Written are fires.txt.gz, a line for each zone and text: the first fire and then the steps between them, in minutes, as
"step" or "stepxtimes"; and zones.zip, the zones' data that it was made with, so that the test does not hang on which
rules the machine has. Run it in this directory: python3 oracle.py
"""
import datetime as dt
import gzip
import io
import itertools
import zipfile
import zoneinfo

ZONES = """Africa/Cairo Africa/Casablanca Africa/El_Aaiun America/Adak America/Asuncion America/Havana America/New_York
America/Nuuk America/Santiago America/Sao_Paulo America/Scoresbysund America/St_Johns Antarctica/Troll Asia/Beirut
Asia/Famagusta Asia/Gaza Asia/Jerusalem Asia/Kathmandu Asia/Kolkata Asia/Tehran Atlantic/Azores Australia/Adelaide
Australia/Lord_Howe Europe/Chisinau Europe/Dublin Europe/Lisbon Europe/Zurich Pacific/Apia Pacific/Chatham
Pacific/Easter""".split()

# Years in which a zone did what it has not done since: Samoa left out a day, Brazil and Iran changed at midnight,
# Greenland's east changed twice in a night.
ODD = [("Pacific/Apia", 2011), ("America/Sao_Paulo", 2018), ("Asia/Tehran", 2021), ("Pacific/Norfolk", 2015),
       ("Asia/Pyongyang", 2015), ("America/Caracas", 2016), ("Asia/Kathmandu", 1986)]

CRONS = ["30 2 * * *", "30 1 * * *", "0 0 * * *", "30 0 * * *", "0 * * * *", "*/20 * * * *", "15 */2 * * *",
         "0,20,40 0-4 * 3,4,10 *", "30 2 * * 0", "0 0 1 * *", "45 23 28-31 * *", "5 1 29 2 *", "0 3 13 * 5"]


def parse(field, low, high):
    """The values of a field, and whether it is a star."""
    out = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            a, b = low, high
        elif "-" in span:
            a, b = map(int, span.split("-"))
        else:
            a = b = int(span)
        out.update(range(a, b + 1, int(step or 1)))
    return out, field == "*"


def fires(cron, zone, first, last):
    minutes, hours, days, months, weekdays = (parse(f, *bounds) for f, bounds in zip(
        cron.split(), [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]))
    out = set()
    day = first - dt.timedelta(days=2)
    while day <= last + dt.timedelta(days=2):
        in_month, in_week = day.day in days[0], (day.weekday() + 1) % 7 in weekdays[0]
        either = in_month and in_week if days[1] or weekdays[1] else in_month or in_week
        if day.month in months[0] and either:
            for hour, minute in itertools.product(sorted(hours[0]), sorted(minutes[0])):
                shown = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
                out.add(int(shown.timestamp()))
                if hours[1]:
                    out.add(int(again(shown)))
        day += dt.timedelta(days=1)
    begin = dt.datetime(first.year, first.month, first.day, tzinfo=dt.timezone.utc).timestamp()
    end = dt.datetime(last.year, last.month, last.day, tzinfo=dt.timezone.utc).timestamp()
    return [t // 60 for t in sorted(out) if begin < t <= end]


def again(shown):
    """When a minute comes the second time; the first time, where it comes once or is skipped."""
    second = shown.replace(fold=1)
    skipped = shown.utcoffset() < second.utcoffset()
    return shown.timestamp() if skipped else second.timestamp()


def steps(times):
    out = [str(times[0])]
    gaps = [b - a for a, b in zip(times, times[1:])]
    for gap, group in itertools.groupby(gaps):
        n = len(list(group))
        out.append(str(gap) if n == 1 else f"{gap}x{n}")
    return " ".join(out)


def main():
    data = {}
    for name in sorted(set(ZONES) | {name for name, _ in ODD}):
        for path in zoneinfo.TZPATH:
            try:
                with open(f"{path}/{name}", "rb") as f:
                    data[name] = f.read()
                break
            except FileNotFoundError:
                continue
    spans = [(name, 2024, 2029) for name in ZONES] + [(name, year, year + 2) for name, year in ODD]
    with open("fires.txt.gz", "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as z, io.TextIOWrapper(z) as out:
        for name, begin, end in spans:
            zone = zoneinfo.ZoneInfo.from_file(io.BytesIO(data[name]), key=name)
            for cron in CRONS:
                times = fires(cron, zone, dt.date(begin, 1, 1), dt.date(end, 1, 1))
                if times:
                    print(name, begin, end, cron, steps(times), sep="\t", file=out)
    with zipfile.ZipFile("zones.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name in sorted(data):
            z.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data[name], zipfile.ZIP_DEFLATED, 9)


main()
