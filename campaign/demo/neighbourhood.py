"""A neighbourhood: up to 1,200 students, their families, four schools, and what the students can do.

A district is as many neighbourhoods as it needs. Each is made from its own stream of chance and written before the
next one is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from campaign.demo import abilities, families, schools
from campaign.demo.abilities import Abilities
from campaign.demo.chance import Chance
from campaign.demo.families import Student
from campaign.demo.names import Names
from campaign.demo.schools import School, Section

SIZE = 1200


@dataclass(frozen=True)
class Neighbourhood:
    number: int
    students: list[Student]
    schools: list[School]
    school_of: list[int]  # position of each student's school
    sections: list[Section]
    abilities: Abilities
    chance: Chance

    def school(self, position: int) -> School:
        return self.schools[self.school_of[position]]


def make(seed: int, number: int, count: int, names: Names) -> Neighbourhood:
    """The neighbourhood with this number; equal for equal seed, number and count."""
    chance = Chance.of(seed, number)
    students = families.students(chance, names, count, first_number=number * SIZE)
    places = schools.schools(names, number)
    school_of = [schools.school_position(student) for student in students]
    members = list(enumerate(students))
    sections = [
        section
        for position, school in enumerate(places)
        for section in schools.sections(
            chance, names, school, [m for m in members if school_of[m[0]] == position]
        )
    ]
    return Neighbourhood(
        number=number,
        students=students,
        schools=places,
        school_of=school_of,
        sections=sections,
        abilities=abilities.draw(chance, np.array(school_of)),
        chance=chance,
    )
