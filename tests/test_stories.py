"""Every story is run as it is told, whole and with each reading lost that it names."""

import pytest
from tests.stories_runner import Place, Story, judge, read, stories

TOLD = [story for page in stories() for story in read(page)]
LOST = [
    pytest.param(story, place, id=f"{story.name} without {' '.join(place).strip()}")
    for story in TOLD
    for place in story.lost
]


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
def test_story_finds_what_it_tells_and_nothing_else(story: Story) -> None:
    assert story.told(judge(story.cloud, story.asked)) == story.findings


@pytest.mark.parametrize(("story", "place"), LOST)
def test_story_suspects_what_it_cannot_see(story: Story, place: Place) -> None:
    assert story.told(judge(story.cloud.without(place), story.asked)) == story.lost[place]
