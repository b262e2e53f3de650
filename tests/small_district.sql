INSERT INTO district (code, name) VALUES ('maple', 'Maple Valley'), ('cedar', 'Cedar Hills');
INSERT INTO school (district_id, source_id, name)
VALUES (1, 'a', 'Alder Elementary'), (1, 'b', 'Birch Middle'), (2, 'c', 'Cedar Elementary');
INSERT INTO staff_member (district_id, school_id, source_id, given_name, family_name)
VALUES (1, 1, 't1', 'Tess', 'Turner');
INSERT INTO student (district_id, school_id, given_name, family_name, birth_date, grade_level, home_language)
VALUES (1, 1, 'Ana', 'Abrego', '2016-04-01', 4, 'es'),
       (1, 1, 'Ben', 'Baker', '2016-06-11', 4, 'en'),
       (1, 1, 'Chi', 'Cao', '2015-02-09', 5, 'vi'),
       (1, 1, 'Dee', '<b>Dunn</b>', '2015-03-10', 5, 'en'),
       (1, 2, 'Eli', 'Evans', '2013-05-05', 7, 'en'),
       (1, 2, 'Fay', 'Flores', '2013-08-08', 7, 'es'),
       (2, 3, 'Gus', 'Gray', '2016-01-01', 4, 'en');
INSERT INTO student_identifier (district_id, system, value, student_id)
VALUES (1, 'local', '1001', 1), (1, 'local', '1002', 2), (1, 'local', '1003', 3), (1, 'local', '1004', 4),
       (1, 'local', '1005', 5), (1, 'local', '1006', 6), (2, 'local', '1001', 7);
INSERT INTO contact (district_id, source_id, given_name, family_name, email, phone, phone_type, written_language)
VALUES (1, 'c1', 'Rosa', 'Abrego', 'rosa@example.org', '+12025550101', 'mobile', 'es'),
       (1, 'c2', 'Bill', 'Baker', 'bill@example.org', NULL, NULL, 'en'),
       (1, 'c3', 'Linh', 'Cao', NULL, '+12025550103', 'mobile', 'vi'),
       (1, 'c4', 'Dot', 'Dunn', NULL, NULL, NULL, 'en'),
       (1, 'c5', 'Eve', 'Evans', 'eve@example.org', '+12025550105', 'landline', 'en'),
       (2, 'c6', 'Gil', 'Gray', 'gil@example.org', NULL, NULL, 'en');
INSERT INTO student_contact (student_id, contact_id, relation, may_receive)
VALUES (1, 1, 'mother', true), (2, 2, 'father', true), (3, 3, 'mother', true), (4, 4, 'aunt', true),
       (5, 5, 'mother', true), (7, 6, 'father', true);
INSERT INTO course (district_id, source_id, title, subject, grade_level) VALUES (1, 'm4', 'Mathematics 4', 'math', 4);
INSERT INTO section (district_id, school_id, course_id, source_id, title, teacher_id)
VALUES (1, 1, 1, 's1', 'Math 4 A', 1);
INSERT INTO enrollment (section_id, student_id) VALUES (1, 1), (1, 2);
INSERT INTO import_run (district_id, status, started_at, finished_at)
VALUES (1, 'done', '2026-11-01 10:00Z', '2026-11-01 10:01Z');
INSERT INTO source_file (import_run_id, district_id, name, sha256, bytes, format, status, rows_in, accepted, unchanged,
                         refused, message)
VALUES (1, 1, 'users.csv', 'a1', 2048, 'oneroster 1.2 users', 'done', 12, 10, 0, 2, NULL),
       (1, 1, 'scores.csv', 'a2', 4096, 'nwea map growth', 'done', 6, 5, 1, 1, NULL),
       (1, 1, 'broken.xml', 'a3', 10, 'ed-fi xml', 'failed', 0, 0, 0, 0,
        'The file ends in the middle of a record (line 3). Export it again and import the new file.');
INSERT INTO refused_row (source_file_id, district_id, line, column_name, code, reason, remedy)
VALUES (1, 1, 4, 'email', 'email_not_valid', 'The e-mail address has no @.', 'Correct it in the school''s system.'),
       (1, 1, 9, 'birthDate', 'date_not_valid', 'The date does not exist.', '=HYPERLINK("x") is not a remedy'),
       (2, 1, 3, 'TestRITScore', 'number_not_valid', 'The score is not a number.', 'Ask the vendor for a new export.');
INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, season, levels,
                        floor_level, cut)
SELECT 1, subject || grade, 'State Test', 'State Test Grade ' || grade || ' ' || initcap(subject), '2026', 'summative',
       subject, grade, NULL, '[{"code": "1", "name": "Level 1", "minimum": 1000, "maximum": 1499},
                               {"code": "2", "name": "Level 2", "minimum": 1500, "maximum": 2000}]', '2', 1500
FROM unnest(ARRAY['math', 'reading']) AS subject, unnest(ARRAY[3, 4, 6]) AS grade ORDER BY subject, grade;
-- Final marks of last year, and the state test of that spring: HIGH_NOTYET, MATCH_AT; MATCH_AT, HIGH_CLOSE;
-- MID_NOTYET; a mark without a score; HIGH_NOTYET; BOTH_NEED.
CREATE TEMPORARY TABLE result (student int, subject text, grade int, mark text, score float) ON COMMIT DROP;
INSERT INTO result
VALUES (1, 'math', 3, 'B', 1400), (1, 'reading', 3, 'A', 1700), (2, 'math', 3, 'A', 1700), (2, 'reading', 3, 'A', 1500),
       (3, 'math', 4, 'C', 1400), (4, 'math', 4, 'A', NULL), (5, 'math', 6, 'B', 1300), (6, 'math', 6, 'D', 1300);
INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year, period_title,
                  period_begins_on, period_ends_on, is_final, mark, scale, source_file_id, source_line)
SELECT 1, student, (subject || student)::bytea, initcap(subject) || ' ' || grade, subject, grade, 2026, 'Year', '2025-08-20',
       '2026-05-28', true, mark, 'letter', 1, 10 + student FROM result ORDER BY student, subject;
INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                   scale_score, csem, level, status, source_file_id, source_line)
SELECT 1, r.student, a.id, (r.subject || r.student)::bytea, '2026-04-20', 2026, r.grade, r.score, 40,
       CASE WHEN r.score < 1500 THEN '1' ELSE '2' END, 'valid', 2, r.student + 1
FROM result r JOIN assessment a ON a.key = r.subject || r.grade WHERE r.score IS NOT NULL ORDER BY r.student, r.subject;
INSERT INTO campaign (district_id, slug, title) VALUES (1, 'go-beyond-grades', 'Go Beyond Grades'),
                                                       (2, 'go-beyond-grades', 'Go Beyond Grades');
INSERT INTO campaign_revision (campaign_id, district_id, content_hash, definition, created_at)
VALUES (1, 1, 'h', '{}', '2026-11-01 08:00Z');
INSERT INTO occurrence (campaign_revision_id, campaign_id, district_id, step, day, due_at, expires_at, planned_at)
VALUES (1, 1, 1, 'report_ready', '2026-11-01', '2026-11-01 15:00Z', '2026-11-04 15:00Z', '2026-10-30 08:00Z'),
       (1, 1, 1, 'talk_to_teacher', '2026-11-05', '2026-11-05 15:00Z', '2026-11-08 15:00Z', '2026-10-30 08:00Z');
INSERT INTO message (public_id, district_id, campaign_id, occurrence_id, step, contact_id, student_ids, household,
                     channel, language, template, template_version, template_hash, dedupe_key, state, reason, due_at,
                     expires_at, planned_at, finished_at)
VALUES ('p1', 1, 1, 1, 'report_ready', 1, '{1}', 'h1', 'email', 'es', 'report_ready', 1, 'h', 'd1', 'accepted', NULL,
        '2026-11-01 15:00Z', '2026-11-04 15:00Z', '2026-10-30 08:00Z', '2026-11-01 15:01Z'),
       ('p2', 1, 1, 1, 'report_ready', 2, '{2}', 'h2', 'email', 'en', 'report_ready', 1, 'h', 'd2', 'ambiguous',
        'no answer from the provider', '2026-11-01 15:00Z', '2026-11-04 15:00Z', '2026-10-30 08:00Z', NULL),
       ('p3', 1, 1, 1, 'report_ready', 4, '{4}', 'h4', 'email', 'en', 'report_ready', 1, 'h', 'd3', 'withheld',
        'no_address', '2026-11-01 15:00Z', '2026-11-04 15:00Z', '2026-10-30 08:00Z', '2026-10-30 08:00Z'),
       ('p4', 1, 1, 2, 'talk_to_teacher', 1, '{1}', 'h1', 'email', 'es', 'talk_to_teacher', 1, 'h', 'd4', 'planned',
        NULL, '2026-11-05 15:00Z', '2026-11-08 15:00Z', '2026-10-30 08:00Z', NULL);
INSERT INTO report (district_id, student_id, number, version, language, comparison_ids, content_hash, contract,
                    created_at)
VALUES (1, 1, 'R-0001', 1, 'es', '{}', 'h', '{}', '2026-11-02 08:30Z');
-- Who is who: a score of somebody with Ana's name and birth date; ids of Ben and of Chi in one row; Dee with another
-- id; Fay, found by name and accepted; and one in the district beside this one.
INSERT INTO identity_case (district_id, signature, kind, about, confidence, said, candidates, state, student_id,
                           source_file_id, line, rows, first_seen_at, last_seen_at)
VALUES
(1, 'a', 'name', 'results', 'high', '{"given_name": "Ana", "family_name": "Abrego", "birth_date": "2016-04-01",
  "grade_level": 4, "identifiers": [{"system": "state", "value": "S77", "exclusive": true}]}',
 '{1}', 'open', NULL, 2, 3, 2, '2026-11-01 10:00Z', '2026-11-01 10:00Z'),
(1, 'b', 'two_students', 'results', NULL, '{"given_name": null, "family_name": null, "birth_date": null,
  "grade_level": null, "identifiers": [{"system": "local", "value": "1002", "exclusive": true},
                                       {"system": "state", "value": "S3", "exclusive": true}]}',
 '{2,3}', 'open', NULL, 2, 4, 1, '2026-11-01 10:00Z', '2026-11-01 10:00Z'),
(1, 'c', 'second_id', 'roster', NULL, '{"given_name": "Dee", "family_name": "<b>Dunn</b>",
  "birth_date": "2015-03-10", "grade_level": 5, "system": "oneroster",
  "identifiers": [{"system": "local", "value": "2004", "exclusive": true},
                  {"system": "oneroster", "value": "x4", "exclusive": true}]}',
 '{4}', 'open', NULL, 1, 5, 1, '2026-11-01 10:00Z', '2026-11-01 10:00Z'),
(1, 'd', 'name', 'results', 'high', '{"given_name": "Fay", "family_name": "Flores", "birth_date": "2013-08-08",
  "grade_level": 7, "identifiers": []}',
 '{6}', 'accepted', 6, 2, 6, 1, '2026-11-01 10:00Z', '2026-11-01 10:00Z'),
(2, 'e', 'name', 'results', 'low', '{"given_name": "Gus", "family_name": "Grey", "birth_date": "2016-01-01",
  "grade_level": 4, "identifiers": []}',
 '{7}', 'decided', 7, NULL, NULL, 1, '2026-11-01 10:00Z', '2026-11-01 10:00Z');
