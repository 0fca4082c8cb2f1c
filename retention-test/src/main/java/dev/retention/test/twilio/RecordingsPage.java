package dev.retention.test.twilio;

import static dev.retention.test.twilio.TwilioJson.quoted;

import dev.retention.test.twilio.QueryParameters.Invalid;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A page of the list of an account's recordings. */
final class RecordingsPage {

    private static final int DEFAULT_SIZE = 50;
    private static final int MAX_SIZE = 1000;

    private static final List<String> DATES = List.of("DateCreated", "DateCreated<", "DateCreated>");

    /** All that Twilio's OpenAPI document has for this list. */
    static final Set<String> PARAMETERS = Set.of(
            "DateCreated",
            "DateCreated<",
            "DateCreated>",
            "CallSid",
            "ConferenceSid",
            "IncludeSoftDeleted",
            "PageSize",
            "Page",
            "PageToken");

    private final String path;
    private final String filters;
    private final int size;
    private final int number;

    private RecordingsPage(HttpHead head, String account, QueryParameters query) throws Invalid {
        this.path = "/2010-04-01/Accounts/" + account + "/Recordings.json";
        this.filters = filters(head);
        this.size = query.number("PageSize", DEFAULT_SIZE);
        this.number = query.number("Page", 0);
        if (size < 1 || size > MAX_SIZE) {
            throw new Invalid(20007, "Page size too large");
        }
        String token = query.text("PageToken");
        if (number < 0 || number > 0 && token == null || token != null && !token.equals("PT" + number)) {
            throw new Invalid(21481, "Invalid page token");
        }
    }

    static HttpAnswer answer(HttpHead head, String account, RecordingStore store) throws Invalid {
        QueryParameters query = QueryParameters.of(head, PARAMETERS);
        RecordingsPage page = new RecordingsPage(head, account, query);
        List<TwilioRecording> all =
                store.visible(wanted(account, query), query.flag(RecordingsApi.INCLUDE_SOFT_DELETED));
        return HttpAnswer.json(200, page.json(all, store));
    }

    private static Predicate<TwilioRecording> wanted(String account, QueryParameters query) throws Invalid {
        Predicate<TwilioRecording> wanted = recording -> recording.account().equals(account);
        for (String name : DATES) {
            String value = query.text(name);
            if (value != null) {
                wanted = wanted.and(dateFilter(name, value));
            }
        }
        String call = query.sid("CallSid", TwilioRecording.CALL);
        if (call != null) {
            wanted = wanted.and(recording -> recording.recorded().call().equals(call));
        }
        String conference = query.sid("ConferenceSid", TwilioRecording.CONFERENCE);
        return conference == null
                ? wanted
                : wanted.and(recording -> conference.equals(recording.recorded().conference()));
    }

    private String json(List<TwilioRecording> all, RecordingStore store) {
        int start = (int) Math.min((long) number * size, all.size());
        List<TwilioRecording> shown = all.subList(start, Math.min(start + size, all.size()));
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("recordings", shown.stream().map(store::json).collect(Collectors.joining(", ", "[", "]")));
        fields.put("page", String.valueOf(number));
        fields.put("page_size", String.valueOf(size));
        fields.put("start", String.valueOf(start));
        fields.put("end", String.valueOf(Math.max(start, start + shown.size() - 1)));
        fields.put("uri", uri(number, false));
        fields.put("first_page_uri", uri(0, false));
        fields.put("next_page_uri", start + size < all.size() ? uri(number + 1, true) : "null");
        fields.put("previous_page_uri", number > 0 ? uri(number - 1, number > 1) : "null");
        return TwilioJson.object(fields);
    }

    private String uri(int page, boolean withToken) {
        String token = withToken ? "&PageToken=PT" + page : "";
        return quoted(path + "?" + filters + "PageSize=" + size + "&Page=" + page + token);
    }

    private static String filters(HttpHead head) {
        StringBuilder kept = new StringBuilder();
        for (String pair : head.rawQuery().split("&")) {
            if (!pair.isEmpty() && !pair.startsWith("Page")) {
                kept.append(pair).append('&');
            }
        }
        return kept.toString();
    }

    /**
     * Days in GMT for dates; instants for times. Bounds belong to the range, as Twilio's "on or before midnight of this
     * date" has it.
     */
    private static Predicate<TwilioRecording> dateFilter(String name, String value) throws Invalid {
        Instant from;
        Instant to;
        try {
            if (value.length() == 10) {
                LocalDate day = LocalDate.parse(value);
                from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
                to = day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            } else {
                from = Instant.parse(value.endsWith("Z") ? value : value + "Z");
                to = from.plusNanos(1);
            }
        } catch (DateTimeException e) {
            throw new Invalid(20001, "Invalid parameter '" + name + "'");
        }
        return switch (name) {
            case "DateCreated<" -> r -> !r.created().isAfter(from);
            case "DateCreated>" -> r -> !r.created().isBefore(from);
            default -> r -> !r.created().isBefore(from) && r.created().isBefore(to);
        };
    }
}
