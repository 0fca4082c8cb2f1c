package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerIdentityTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    postgresql://db.example:5432/voice                             | postgresql://db.example:5432/voice
                    postgresql://a:1,b:2/voice?user=me@corp&password=s3cret        | postgresql://a:1,b:2/voice
                    postgresql:voice                                               | postgresql:voice
                    postgresql:///voice                                            | postgresql:///voice
                    postgresql://[::1]:5432/voice                                  | postgresql://[::1]:5432/voice
                    mariadb:replication://a:1,b/voice?password=s3cret              | mariadb:replication://a:1,b/voice
                    mariadb://user:s3cret@host/voice                               | mariadb://host/voice
                    mariadb://user:s3/cr@et@host:3306/voice                        | mariadb://host:3306/voice
                    mysql://user:s3cret@host:3306/voice?sslMode=REQUIRED           | mysql://host:3306/voice
                    mysql:loadbalance://a:1,b/voice?user=me&password=s3cret        | mysql:loadbalance://a:1,b/voice
                    mysql+srv://host/voice                                         | mysql+srv://host/voice
                    h2:mem:voice;USER=sa;PASSWORD=s3cret                           | h2:mem:voice
                    h2:file:C:\\data\\voice                                          | h2:file:C:\\data\\voice
                    h2:tcp://host:9092/~/voice;PASSWORD=s3cret                     | h2:tcp://host:9092/~/voice
                    """)
    void namesWhereTheDatabaseIs(String url, String identity) {
        assertThat(ServerIdentity.withoutSecrets("jdbc:" + url)).isEqualTo("jdbc:" + identity);
    }

    @Test
    void namesAnAddressOfSeveralParts() {
        String url = "jdbc:mariadb://address=(host=a)(port=1)(type=primary)/voice";
        assertThat(ServerIdentity.withoutSecrets(url)).isEqualTo(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:mariadb://user:s3cret?x@host/voice",
                "jdbc:mariadb://user:1;s3cret@host/voice",
                "jdbc:mariadb://user:s3cret/x?y@host/voice",
                "jdbc:mariadb://address=(host=a)(user=u)(password=s3cret)/voice",
                "jdbc:mysql://(host=a,port=1,user=u,password=s3cret)/voice",
                "jdbc:mysql://address=(host=a)(user=u)(password=s3cret)/voice",
                "jdbc:other:thin:user/s3cret@host",
                "jdbc:postgresql://user:s3cret@ho st/voice",
                "jdbc:postgresql://host/voice\n?password=s3cret"
            })
    void leavesOutAnAddressThatMayHoldASecret(String url) {
        assertThat(ServerIdentity.withoutSecrets(url))
                .endsWith("(address left out: it may hold a secret)")
                .doesNotContain("s3cret", "user");
    }
}
