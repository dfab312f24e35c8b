"""The order of OpenStack's releases, as `since` and `until` of the catalogue use them.

Up to Zed a release is known by its name, from 2023.1 on by its number. Source:
https://releases.openstack.org/ (series list).
"""

RELEASES = (
    "Ocata",
    "Pike",
    "Queens",
    "Rocky",
    "Stein",
    "Train",
    "Ussuri",
    "Victoria",
    "Wallaby",
    "Xena",
    "Yoga",
    "Zed",
    "2023.1",
    "2023.2",
    "2024.1",
    "2024.2",
    "2025.1",
    "2025.2",
    "2026.1",
    "2026.2",
)


def within(release: str, *, since: str, until: str) -> bool:
    """Tell whether `release` lies in the range; an empty end is open. Raises ValueError."""
    place = RELEASES.index(release)
    after_start = not since or RELEASES.index(since) <= place
    before_end = not until or place <= RELEASES.index(until)
    return after_start and before_end
