"""Small School Data Sync packages made for tests: one school, two students, a teacher, a parent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

Tables = dict[str, str]

# V2.1 as it is exported: Windows line ends, TRUE for true, a password in clear.
V21: Tables = {
    "orgs.csv": "sourcedId,name,type,parentSourcedId\nD1,Pine County,district,\nS1,Pine School,school,D1\n",
    "academicSessions.csv": "sourcedId,title,type,schoolYear,startDate,endDate\n"
    "Y26,School year,schoolYear,2026,2026-08-20,2027-06-10\n",
    "courses.csv": "sourcedId,orgSourcedId,title,code,schoolYearSourcedId,subject,grade\n"
    "C1,S1,Grade 4 Core,M4,Y26,52,04\n",
    "classes.csv": "sourcedId,orgSourcedId,title,sessionSourcedIds,courseSourcedId\nK1,S1,Room 12,Y26,C1\n",
    "users.csv": "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
    "U1,ann,Ann,Lake,P@ss1,,,,\nU2,ben,Ben,Lake,P@ss2,,,,\nU3,tess,Tess,Hill,P@ss3,,,,\n"
    "U4,mia,Mia,Lake,P@ss4,,mia@example.org,+15550100,+15550100\n",
    "roles.csv": "userSourcedId,orgSourcedId,role,sessionSourcedId,grade,isPrimary,roleStartDate,roleEndDate\n"
    "U1,S1,student,Y26,04,TRUE,2026-08-20,2027-06-10\nU2,S1,student,Y26,PS1,TRUE,2026-08-20,2027-06-10\n"
    "U3,S1,professor,Y26,,TRUE,2026-08-20,2027-06-10\n",
    "demographics.csv": "userSourcedId,sex,birthDate,birthCity,birthState,birthCountry,ethnicityCodes,raceCodes\n"
    "U1,female,2016-05-06,Oslo,,NO,,white\n",
    "relationships.csv": "userSourcedId,relationshipUserSourcedId,relationshipRole\nU1,U4,guardian\nU2,U4,relative\n",
    "enrollments.csv": "classSourcedId,userSourcedId,role\nK1,U1,student\nK1,U2,student\nK1,U3,professor\n",
    "userFlags.csv": "userSourcedId,flag\nU1,iep\n",
}

V1: Tables = {
    "School.csv": "SIS ID,Name,State ID,Phone\n10,Pine School,WA,555-0100\n",
    "Section.csv": "SIS ID,School SIS ID,Section Name,Term SIS ID,Term Name,Term StartDate,Term EndDate,Course SIS ID,"
    "Course Name,Course Description,Course Subject\n"
    "20,10,Math - Fractions,7,SY2627,8/20/2026,6/10/2027,30,Math 4,Fractions,Math\n",
    "Student.csv": "SIS ID,School SIS ID,First Name,Last Name,Username,Password,State ID,Student Number,Grade,Status,"
    "Birthdate\n"
    "1,10,Ann,Lake,ann,P@ss1,ST1,L1,4,Active,5/6/2016\n2,10,Ben,Lake,ben,P@ss2,ST2,L2,04,,2016-07-08\n",
    # The teacher has the same number as a student: V1 numbers them apart.
    "Teacher.csv": "SIS ID,School SIS ID,First Name,Last Name,Username,Password,Teacher Number\n"
    "1,10,Tess,Hill,tess,P@ss3,77\n9,10,Tom,Hill,tom,P@ss4,78\n",
    "StudentEnrollment.csv": "Section SIS ID,SIS ID\n20,1\n20,2\n",
    "TeacherRoster.csv": "Section SIS ID,SIS ID\n20,1\n",
    "User.csv": "Email,First Name,Last Name,Phone,SIS ID\nMia@example.org,Mia,Lake,555-0101,\n",
    "GuardianRelationship.csv": "SIS ID,Email,Role\n1,mia@example.org,Parent\n2,mia@example.org,\n",
}

# V1 with the required columns alone.
NAMELESS: Tables = {
    "School.csv": "SIS ID,Name\n10,Pine School\n",
    "Section.csv": "SIS ID,School SIS ID,Section Name\n20,10,Room 12\n",
    "Student.csv": "SIS ID,School SIS ID,Username\n1,10,ann\n2,10,ben\n3,10,new\n",
    "Teacher.csv": "SIS ID,School SIS ID,Username\n1,10,tess\n",
    "StudentEnrollment.csv": "Section SIS ID,SIS ID\n20,1\n20,3\n",
    "TeacherRoster.csv": "Section SIS ID,SIS ID\n20,1\n",
}


def write(
    folder: Path, tables: Mapping[str, str], changes: Mapping[str, tuple[str, str]] | None = None
) -> Path:
    """The package, with the first (old, new) of each file named in `changes` put in."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in tables.items():
        old, new = (changes or {}).get(name, ("", ""))
        assert old in content, (name, old)
        changed = content.replace(old, new, 1) if old else content
        (folder / name).write_text(changed.replace("\n", "\r\n"), encoding="utf-8", newline="")
    return folder
