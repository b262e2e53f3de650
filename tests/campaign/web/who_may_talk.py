"""Who may open which page of conversations; written by hand, so that opening one to another role is a decision."""

SCHOOLS_OWN = {"district", "school", "teacher"}
WHO_MAY_TALK = {
    "staff.inbox": SCHOOLS_OWN,
    "staff.conversation": SCHOOLS_OWN,
    "staff.act_on_conversation": SCHOOLS_OWN,
    "staff.conversation_file": SCHOOLS_OWN,
    "staff.whole_reply": SCHOOLS_OWN,
    "staff.add_conversation_file": SCHOOLS_OWN,
    "staff.drop_conversation_file": SCHOOLS_OWN,
    "staff.unplaced_replies": {"state", "district"},
    "staff.place_reply": {"state", "district"},
    "staff.who_answers": {"district", "school"},
    "staff.keep_who_answers": {"district", "school"},
    "staff.who_answers_csv": {"district", "school"},
    "staff.read_who_answers": {"district", "school"},
    "staff.keep_protocol": {"district"},
}
VALUES_OF_TALK = {"conversation_id": 1, "reply_id": 1}
