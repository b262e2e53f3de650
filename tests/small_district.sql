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
INSERT INTO mark (district_id, student_id, source_key, course_title, subject, grade_level, school_year, period_title,
                  period_begins_on, period_ends_on, is_final, mark, percent, scale, source_file_id, source_line)
VALUES (1, 1, 'm1', 'Mathematics 3', 'math', 3, 2026, 'Year', '2025-08-20', '2026-05-28', true, 'B', NULL, 'letter',
        1, 12),
       (1, 2, 'm2', 'Mathematics 3', 'math', 3, 2026, 'Year', '2025-08-20', '2026-05-28', true, 'A', NULL, 'letter',
        1, 13);
INSERT INTO assessment (district_id, key, family, title, version, kind, subject, grade_level, levels, floor_level, cut)
VALUES (1, 'k1', 'State Test', 'State Test Grade 3 Math', '2026', 'summative', 'math', 3,
        '[{"code": "1", "name": "Level 1", "minimum": 1000, "maximum": 1499},
          {"code": "2", "name": "Level 2", "minimum": 1500, "maximum": 2000}]', '2', 1500);
INSERT INTO score (district_id, student_id, assessment_id, source_key, administered_on, school_year, grade_level,
                   scale_score, csem, level, status, source_file_id, source_line)
VALUES (1, 1, 1, 'r1', '2026-04-20', 2026, 3, 1400, 40, '1', 'valid', 2, 2),
       (1, 2, 1, 'r2', '2026-04-20', 2026, 3, 1700, 40, '2', 'valid', 2, 3);
INSERT INTO comparison (district_id, student_id, subject, version, category, refusal, grade_band, evidence,
                        probability, rules, mark_id, score_ids, school_year, explanation, inputs_hash, computed_at)
SELECT 1, v.student, v.subject, 1, v.category, v.refusal, v.band, v.evidence, v.probability, '{same_year}',
       v.mark, v.scores, 2026, v.explanation::jsonb, 'hash', '2026-11-02 08:00Z'
FROM (VALUES
    (1, 'math', 'HIGH_NOTYET', NULL, 'HIGH', 'NOT_YET', 0.006, 1::bigint, '{1}'::bigint[],
     '{"mark": {"mark": "B", "scale": "letter"}, "tests": [{"score": 1400, "cut": 1500, "error": 40}]}'),
    (1, 'reading', 'MATCH_AT', NULL, 'HIGH', 'AT', 0.97, NULL, '{}', '{}'),
    (2, 'math', 'MATCH_AT', NULL, 'HIGH', 'AT', 0.99, 2, '{2}', '{}'),
    (2, 'reading', 'HIGH_CLOSE', NULL, 'HIGH', 'CLOSE', 0.5, NULL, '{}', '{}'),
    (3, 'math', 'MID_NOTYET', NULL, 'MIDDLE', 'NOT_YET', 0.1, NULL, '{}', '{}'),
    (4, 'math', 'NOT_ENOUGH', 'no_score', 'HIGH', NULL, NULL, NULL, '{}', '{}'),
    (5, 'math', 'HIGH_NOTYET', NULL, 'HIGH', 'NOT_YET', 0.02, NULL, '{}', '{}'),
    (6, 'math', 'BOTH_NEED', NULL, 'LOW', 'NOT_YET', 0.01, NULL, '{}', '{}')
) AS v (student, subject, category, refusal, band, evidence, probability, mark, scores, explanation);
INSERT INTO comparison (district_id, student_id, subject, version, category, rules, explanation, inputs_hash,
                        computed_at)
VALUES (2, 7, 'math', 1, 'MATCH_AT', '{}', '{}', 'hash', '2026-11-02 08:00Z');
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
VALUES (1, 1, 'R-0001', 1, 'es', '{1,2}', 'h', '{}', '2026-11-02 08:30Z');
