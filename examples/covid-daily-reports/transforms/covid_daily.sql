-- One row for each record of a daily report, in one layout, with types.
--
-- The reports of the Center for Systems Science and Engineering at Johns Hopkins University changed their columns
-- three times in the six months read here. What a column means is taken from the README beside them:
-- https://github.com/CSSEGISandData/COVID-19/tree/master/csse_covid_19_data

WITH
-- Four layouts, one relation. `source` has the columns of the day's file, all of them text. A column that some layouts
-- lack is named here, and is NULL where the file does not have it. Country, confirmed, deaths and recovered are in
-- every layout, so a file without them is not a report: the day fails, and nothing of it is published.
any_layout AS (
    SELECT * FROM source
    UNION ALL BY NAME
    SELECT
        -- until 2020-03-21
        NULL::VARCHAR AS "Province/State", NULL::VARCHAR AS "Country/Region", NULL::VARCHAR AS "Last Update",
        -- from 2020-03-01 to 2020-03-21
        NULL::VARCHAR AS "Latitude", NULL::VARCHAR AS "Longitude",
        -- from 2020-03-22
        NULL::VARCHAR AS "FIPS", NULL::VARCHAR AS "Admin2", NULL::VARCHAR AS "Province_State",
        NULL::VARCHAR AS "Country_Region", NULL::VARCHAR AS "Last_Update", NULL::VARCHAR AS "Lat",
        NULL::VARCHAR AS "Long_"
    WHERE false
),

-- One name for each column. Names carry stray blanks (' Azerbaijan'), and an empty field is no value, not a word.
-- What else a layout brings (Combined_Key, Active, rates) is made anew below or left out.
report AS (
    SELECT
        nullif(trim(coalesce("Country_Region", "Country/Region")), '') AS country_as_reported,
        nullif(trim(coalesce("Province_State", "Province/State")), '') AS province,
        nullif(trim("Admin2"), '') AS county,
        nullif(trim("FIPS"), '') AS fips,
        nullif(trim(coalesce("Last_Update", "Last Update")), '') AS last_update,
        nullif(trim(coalesce("Lat", "Latitude")), '')::DOUBLE AS latitude,
        nullif(trim(coalesce("Long_", "Longitude")), '')::DOUBLE AS longitude,
        -- Thirty-two bits hold every count; a field that is no number fails the day.
        nullif(trim(any_layout."Confirmed"), '')::INTEGER AS confirmed,
        nullif(trim(any_layout."Deaths"), '')::INTEGER AS deaths,
        nullif(trim(any_layout."Recovered"), '')::INTEGER AS recovered
    FROM any_layout
    -- Four reports mix both kinds of line ends, which the reader takes only with `strict_mode: false`. Then a quote in
    -- the wrong place can swallow the record on the next line; no field of a sound report has a line end in it.
    WHERE CASE WHEN contains(any_layout::VARCHAR, chr(10)) THEN error('A field goes on after the end of its line.')
        ELSE true END
),

-- One name for each country, where a report merely spells it in another way than the newest report does. Nothing else
-- is renamed: Hong Kong became a province, and where a report has a country twice ('The Gambia' beside 'Gambia, The'),
-- a person has to say which record counts.
named AS (
    SELECT
        CASE country_as_reported
            WHEN 'Mainland China' THEN 'China'
            WHEN 'South Korea' THEN 'Korea, South'
            WHEN 'Republic of Korea' THEN 'Korea, South'
            WHEN 'Iran (Islamic Republic of)' THEN 'Iran'
            WHEN 'UK' THEN 'United Kingdom'
            WHEN 'Viet Nam' THEN 'Vietnam'
            WHEN 'Russian Federation' THEN 'Russia'
            WHEN 'Republic of Moldova' THEN 'Moldova'
            WHEN 'Czech Republic' THEN 'Czechia'
            WHEN 'Ivory Coast' THEN 'Cote d Ivoire'
            WHEN 'Taipei and environs' THEN 'Taiwan'
            WHEN 'East Timor' THEN 'Timor-Leste'
            WHEN 'Vatican City' THEN 'Holy See'
            ELSE coalesce(country_as_reported, error('A record has no country: the layout of this report is unknown.'))
        END AS country,
        * EXCLUDE (country_as_reported)
    FROM report
)

SELECT
    -- The day of the report is the day in its file's name. `last_update` is mostly in the night after it, and for
    -- places that no longer report it is weeks older.
    $partition_start AS report_date,
    country,
    -- Until 2020-03-09 counties of the United States stand here ('King County, WA'), as the publisher reported them.
    province,
    county,
    -- Made anew: reports before 2020-03-22 have none, and some later ones write it without blanks (',,Belize').
    concat_ws(', ', county, province, country) AS combined_key,
    -- Empty means that nothing was reported, which is not zero. Seven reports have two records of one place (Gansu
    -- on 2020-03-11, Dona Ana on 2020-03-22). Both are kept, so that sums are those of the report.
    confirmed,
    deaths,
    recovered,
    -- By the publisher's definition. The publisher's own column is missing until 2020-03-21, and 0 for most places
    -- until 2020-04-11.
    confirmed - coalesce(deaths, 0) - coalesce(recovered, 0) AS active,
    -- UTC, as the publisher says, in three formats: 2020-02-02T23:43:02 (also with a blank), 1/22/2020 17:00 and
    -- 3/22/20 23:45. The year of two digits comes first: %Y would read '20' as the year 20.
    strptime(last_update, ['%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M:%S', '%m/%d/%y %H:%M', '%m/%d/%Y %H:%M'])::TIMESTAMP
        AS last_update,
    -- (0, 0) in the Gulf of Guinea stands for 'no position'.
    CASE WHEN latitude = 0 AND longitude = 0 THEN NULL ELSE latitude END AS latitude,
    CASE WHEN latitude = 0 AND longitude = 0 THEN NULL ELSE longitude END AS longitude,
    -- Text, not a number. Codes of counties have five digits; the reports lose the leading zero of '01001'.
    CASE WHEN length(fips) = 4 THEN '0' || fips ELSE fips END AS fips
FROM named
ORDER BY country, province, county
